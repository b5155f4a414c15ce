import { decode } from "../../export/decode.js";
import { encodeToBytes } from "../../export/encode.js";
import { readModel } from "../../export/node/read-model.js";
import { Graph } from "../../graph/graph.js";
import { candidates, createOn, type Device } from "../device.js";
import { type OpenedModel as Opened, openedModel } from "../opened-model.js";
import type { SessionOptions } from "../provider.js";
import { setupOf } from "../setup.js";
import type { FastModel } from "./fast-model.js";
import { openFast, sourceOf } from "./fast-open.js";
import { type ImageSource, isImageSource } from "./image-source.js";
import { PreparePool } from "./prepare-pool.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** "cpu" unless given: cpu, cuda, tensorrt, coreml, dml, webgpu, wasm, auto, gpu or several of them. */
  readonly device?: Device;
  /**
   * Runs the form of the model that the device is fastest in, its outputs the same to 5e-5. The first time it is made, compared with the model on this
   * machine, and kept in a cache, which takes some seconds; "again" does so when the model is opened for the second time. True unless given.
   */
  readonly optimize?: boolean | "again" | undefined;
  /** Images at a time that are to be expected, where the model leaves that open: made ready while opening. 1 unless given; others are run too. */
  readonly batch?: number | undefined;
}
/** The path of an .onnx file, its bytes, or a graph that is to run without ever being one. */
export type ModelSource = string | Uint8Array | Graph;
export type { ImageSource } from "./image-source.js";
export interface OpenedModel extends Opened<ImageSource> {
  /** What came of `optimize`: the form that runs, or a sentence that says why the model runs as it is. Null where it was not asked for. */
  readonly optimization: FastModel | string | null;
  /** Milliseconds that opening took. */
  readonly loadMs: number;
}

/** Opens an .onnx file, its bytes, or a graph, ours or not. Throws a UserError when it cannot be read or the device cannot run it. */
export async function open(
  given: ModelSource,
  { device = "cpu", optimize = true, batch = 1, ...options }: OpenOptions = {},
): Promise<OpenedModel> {
  const started = performance.now();
  const devices = candidates(device, providers);
  const model = given instanceof Graph ? await encodeToBytes(given) : given;
  const { setup, source } = await read(model);
  const fast = optimize
    ? await openFast(source, { devices, options, batch, make: optimize === "again" ? "again" : "now" })
    : null;
  const isFast = fast !== null && typeof fast !== "string";
  const session = isFast ? fast.session : await createOn(model, devices, options);
  const opened = openedModel(session, setup, new PreparePool(setup), isImageSource);
  return Object.assign(opened, {
    optimization: isFast ? fast.form : fast,
    loadMs: performance.now() - started,
  });
}

async function read(model: string | Uint8Array) {
  if (typeof model !== "string") {
    const graph = await decode(model);
    return { setup: setupOf(graph), source: "the model is given as bytes, and only a file is optimized" };
  }
  const { graph, dataFiles, close } = await readModel(model);
  try {
    return { setup: setupOf(graph), source: sourceOf(model, graph, dataFiles) };
  } finally {
    await close();
  }
}
