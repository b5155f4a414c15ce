import { decode } from "../../export/decode.js";
import { readModel } from "../../export/node/read-model.js";
import { choose, UserError } from "../../graph/error.js";
import type { ClassifierSetup } from "../classify.js";
import { type OpenedModel as Opened, openedModel } from "../opened-model.js";
import type { Pixels } from "../pixels.js";
import type { SessionOptions } from "../provider.js";
import { setupOf } from "../setup.js";
import { decodeImage } from "./decode-image.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** Name of the execution provider; "cpu" unless given. */
  readonly device?: string;
}
/** A picture: a path, the bytes of a JPEG, PNG, WebP, GIF or TIFF file, or its pixels. */
export type ImageSource = string | Uint8Array | Pixels;
export type OpenedModel = Opened<ImageSource>;

/** Opens an .onnx file, or its bytes, ours or not. Throws a UserError when it cannot be read or the device cannot run it. */
export async function open(
  model: string | Uint8Array,
  { device = "cpu", threads }: OpenOptions = {},
): Promise<OpenedModel> {
  const provider = choose("device", device, providers);
  const setup = await readSetup(model);
  const available = await provider.available();
  if (available !== true) throw new UserError(available);
  return openedModel(await provider.create(model, { threads }), setup, pixelsOf);
}
const pixelsOf = (image: ImageSource): Pixels | Promise<Pixels> =>
  typeof image === "object" && "width" in image ? image : decodeImage(image);

async function readSetup(model: string | Uint8Array): Promise<ClassifierSetup> {
  if (typeof model !== "string") return setupOf(await decode(model));
  const { graph, close } = await readModel(model);
  try {
    return setupOf(graph);
  } finally {
    await close();
  }
}
