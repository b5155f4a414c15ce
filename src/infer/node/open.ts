import { decode } from "../../export/decode.js";
import { readModel } from "../../export/node/read-model.js";
import type { ClassifierSetup } from "../classify.js";
import { candidates, createOn, type Device } from "../device.js";
import { type OpenedModel as Opened, openedModel } from "../opened-model.js";
import type { SessionOptions } from "../provider.js";
import { setupOf } from "../setup.js";
import { type ImageSource, isImageSource } from "./image-source.js";
import { PreparePool } from "./prepare-pool.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** "cpu" unless given: cpu, cuda, tensorrt, coreml, dml, webgpu, wasm, auto, gpu or several of them. */
  readonly device?: Device;
}
export type { ImageSource } from "./image-source.js";
export type OpenedModel = Opened<ImageSource>;

/** Opens an .onnx file, or its bytes, ours or not. Throws a UserError when it cannot be read or the device cannot run it. */
export async function open(
  model: string | Uint8Array,
  { device = "cpu", ...options }: OpenOptions = {},
): Promise<OpenedModel> {
  const devices = candidates(device, providers);
  const setup = await readSetup(model);
  const session = await createOn(model, devices, options);
  return openedModel(session, setup, new PreparePool(setup.preprocessing), isImageSource);
}

async function readSetup(model: string | Uint8Array): Promise<ClassifierSetup> {
  if (typeof model !== "string") return setupOf(await decode(model));
  const { graph, close } = await readModel(model);
  try {
    return setupOf(graph);
  } finally {
    await close();
  }
}
