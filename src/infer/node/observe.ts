import { decode } from "../../export/decode.js";
import { encodeToBytes } from "../../export/encode.js";
import { readModel } from "../../export/node/read-model.js";
import { Graph } from "../../graph/graph.js";
import { type CamOptions, type ClassActivation, camOn } from "../cam.js";
import { type ClassedImage, type GateReport, type GatesOptions, gatesOn } from "../image-gates.js";
import type { ObserveOptions, Platform } from "../observe.js";
import { type ImageSource, pixelsOf } from "./image-source.js";
import type { ModelSource } from "./open.js";
import { PreparePool } from "./prepare-pool.js";
import { providers } from "./providers/index.js";

const node: Platform<ModelSource, ImageSource, ObserveOptions> = {
  providers,
  device: "cpu",
  async load(model) {
    if (typeof model === "string") return readModel(model);
    const bytes = model instanceof Graph ? await encodeToBytes(model) : model; // a graph that is given stays as it is
    return { graph: await decode(bytes), close: async () => {} };
  },
  preparer: (input) => new PreparePool(input),
  pixelsOf,
};

/** `gatesOn` in Node. */
export const gates = (
  model: ModelSource,
  images: Iterable<ImageSource | ClassedImage<ImageSource>> | AsyncIterable<ImageSource | ClassedImage<ImageSource>>,
  options: GatesOptions = {},
): Promise<GateReport> => gatesOn(node, model, images, options);

/** `camOn` in Node. */
export const cam = (model: ModelSource, picture: ImageSource, options: CamOptions = {}): Promise<ClassActivation> =>
  camOn(node, model, picture, options);
