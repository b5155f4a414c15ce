import { decode } from "../../export/decode.js";
import { UserError } from "../../graph/error.js";
import type { ClassifierSetup } from "../classify.js";
import { candidates, createOn, type Device } from "../device.js";
import { type OpenedModel as Opened, openedModel } from "../opened-model.js";
import type { Pixels } from "../pixels.js";
import { preparerHere } from "../preparer.js";
import type { SessionOptions } from "../provider.js";
import { setupOf } from "../setup.js";
import { decodeImage } from "./decode-image.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** "wasm", which any browser has, unless given: wasm, webgpu, webnn, auto, gpu or several of them. */
  readonly device?: Device;
}
/** A picture: the bytes of a file as a Blob (a File is one), a decoded one, or its pixels. */
export type ImageSource = Blob | ImageBitmap | Pixels;
export type OpenedModel = Opened<ImageSource>;

/**
 * Opens an .onnx file in a browser by its URL, or by its bytes, ours or not. Throws a UserError when it cannot be read or the device cannot run it.
 *
 * The runtime is the package onnxruntime-web. Its .wasm file must lie beside the script that it is bundled into, or where
 * `env.wasm.wasmPaths` of onnxruntime-web/wasm (or /webgpu) says. It blocks the thread that it runs on: a page that must stay responsive opens
 * its model in a Web Worker. `threads` counts only in the first call of a page, and more than one need a cross-origin isolated page.
 */
export async function open(
  model: Uint8Array | URL | string,
  { device = "wasm", ...options }: OpenOptions = {},
): Promise<OpenedModel> {
  const devices = candidates(device, providers);
  const bytes = model instanceof Uint8Array ? model : await download(model);
  const setup = await readSetup(bytes, model instanceof Uint8Array ? null : `'${model}'`);
  const session = await createOn(bytes, devices, options);
  return openedModel(session, setup, preparerHere(setup, pixelsOf), isImageSource);
}
const isImageSource = (given: unknown): given is ImageSource =>
  typeof given === "object" && given !== null && !(Symbol.iterator in given) && !(Symbol.asyncIterator in given);
const pixelsOf = (image: ImageSource): Pixels | Promise<Pixels> => ("data" in image ? image : decodeImage(image));

async function download(url: URL | string): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trimEnd());
    return new Uint8Array(await response.arrayBuffer());
  } catch (e) {
    throw new UserError(`'${url}' could not be fetched: ${e instanceof Error ? e.message : String(e)}`);
  }
}

async function readSetup(bytes: Uint8Array, name: string | null): Promise<ClassifierSetup> {
  try {
    return setupOf(await decode(bytes));
  } catch (e) {
    if (name && e instanceof UserError) throw new UserError(`${name} cannot be read as an ONNX model: ${e.message}`);
    throw e;
  }
}
