import { candidates, createOn, type Device } from "../device.js";
import { type OpenedModel as Opened, openedModel } from "../opened-model.js";
import { preparerHere } from "../preparer.js";
import type { SessionOptions } from "../provider.js";
import { setupOf } from "../setup.js";
import { type ImageSource, isImageSource, pixelsOf } from "./image-source.js";
import { type ExternalFile, loadModel, type ModelSource } from "./model-source.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** "wasm", which any browser has, unless given: wasm, webgpu, webnn, auto, gpu or several of them. */
  readonly device?: Device;
  /** The files of tensors that the model names. Those of a model that is opened by its URL are fetched from beside it unless given. */
  readonly externalData?: readonly ExternalFile[];
}
export type OpenedModel = Opened<ImageSource>;

/**
 * Opens a model in a browser, ours or not: by its URL, or as a File, a Blob, bytes or a graph. Throws a UserError when it cannot be read or the
 * device cannot run it.
 *
 * The runtime is the package onnxruntime-web. Its .wasm file must lie beside the script that it is bundled into, or where
 * `env.wasm.wasmPaths` of onnxruntime-web/wasm (or /webgpu) says. It blocks the thread that it runs on: a page that must stay responsive opens
 * its model in a Web Worker. `threads` counts only in the first call of a page, and more than one need a cross-origin isolated page.
 */
export async function open(
  model: ModelSource,
  { device = "wasm", externalData: given = [], ...options }: OpenOptions = {},
): Promise<OpenedModel> {
  const devices = candidates(device, providers);
  const { graph, bytes, externalData } = await loadModel(model, given);
  const setup = setupOf(graph);
  const session = await createOn(bytes, devices, { ...options, externalData });
  return openedModel(session, setup, preparerHere(setup, pixelsOf), isImageSource);
}
