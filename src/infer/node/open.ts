import { decode } from "../../export/decode.js";
import { type Preprocessing, readMetadata } from "../../export/metadata.js";
import { readModel } from "../../export/node/read-model.js";
import { choose, UserError } from "../../graph/error.js";
import type { Graph } from "../../graph/graph.js";
import { isRanked } from "../../graph/type.js";
import {
  batchOf,
  type Classification,
  type ClassifierSetup,
  type ClassifyOptions,
  classifyBatch,
  requireImageInput,
} from "../classify.js";
import type { Pixels } from "../pixels.js";
import { imagenetPreprocessing } from "../preprocess.js";
import type { SessionOptions } from "../provider.js";
import type { Session } from "../session.js";
import { decodeImage } from "./decode-image.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** Name of the execution provider; "cpu" unless given. */
  readonly device?: string;
}
/** A picture: a path, the bytes of a JPEG, PNG, WebP, GIF or TIFF file, or its pixels. */
export type ImageSource = string | Uint8Array | Pixels;

/** A model that is ready to run on a device, on tensors or on images. */
export interface OpenedModel extends Session {
  readonly setup: ClassifierSetup;
  /** Classifies images, in order, as many at a time as `batch` says (8, or what the model was built for). */
  classify(
    images: ImageSource | readonly ImageSource[],
    options?: ClassifyOptions & { readonly batch?: number },
  ): Promise<readonly Classification[]>;
}

/** Opens an .onnx file, or its bytes, ours or not. Throws a UserError when it cannot be read or the device cannot run it. */
export async function open(
  model: string | Uint8Array,
  { device = "cpu", threads }: OpenOptions = {},
): Promise<OpenedModel> {
  const provider = choose("device", device, providers);
  const setup = await readSetup(model);
  const available = await provider.available();
  if (available !== true) throw new UserError(available);
  const session = await provider.create(model, { threads });
  return {
    ...session,
    setup,
    async classify(images, { batch = batchOf(session) ?? 8, ...options } = {}) {
      requireImageInput(session, setup.preprocessing);
      const list = isList(images) ? images : [images];
      const out: Classification[] = [];
      for (let at = 0; at < list.length; at += batch) {
        const pixels = await Promise.all(list.slice(at, at + batch).map((i) => (isPixels(i) ? i : decodeImage(i))));
        out.push(...(await classifyBatch(session, setup, pixels, options)));
      }
      return out;
    },
  };
}
const isPixels = (i: ImageSource): i is Pixels => typeof i === "object" && "width" in i;
const isList = (i: ImageSource | readonly ImageSource[]): i is readonly ImageSource[] => Array.isArray(i);

async function readSetup(model: string | Uint8Array): Promise<ClassifierSetup> {
  if (typeof model !== "string") return setupOf(await decode(model));
  const { graph, close } = await readModel(model);
  try {
    return setupOf(graph);
  } finally {
    await close();
  }
}

/** From the file's metadata; a file that says nothing gets ImageNet's preprocessing at its own input size. */
function setupOf(graph: Graph): ClassifierSetup {
  const { preprocessing, labels = null, weights: origin = null } = readMetadata(graph);
  return {
    preprocessing: preprocessing ?? guessPreprocessing(graph),
    labels,
    origin,
    probabilities: graph.outputs[0]?.producer?.op === "Softmax",
  };
}

function guessPreprocessing(graph: Graph): Preprocessing {
  const type = graph.inputs[0]?.type ?? null;
  const [, channels, height, width] = isRanked(type) ? type.shape : [];
  const usual = imagenetPreprocessing();
  if (typeof height !== "number" || typeof width !== "number") return usual;
  return { ...usual, input_size: [typeof channels === "number" ? channels : 3, height, width] };
}
