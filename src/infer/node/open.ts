import { decode } from "../../export/decode.js";
import { encodeToBytes } from "../../export/encode.js";
import { readModel } from "../../export/node/read-model.js";
import { Graph } from "../../graph/graph.js";
import type { ClassifierSetup } from "../classify.js";
import { type Candidate, candidates, createOn, type Device } from "../device.js";
import { type OpenedModel as Opened, openedModel } from "../opened-model.js";
import type { SessionOptions } from "../provider.js";
import type { Port, Session } from "../session.js";
import { setupOf } from "../setup.js";
import { type FastModel, fastModel } from "./fast-model.js";
import { fastSession } from "./fast-session.js";
import { type ImageSource, isImageSource } from "./image-source.js";
import { PreparePool } from "./prepare-pool.js";
import { cpu } from "./providers/cpu.js";
import { providers } from "./providers/index.js";

export interface OpenOptions extends SessionOptions {
  /** "cpu" unless given: cpu, cuda, tensorrt, coreml, dml, webgpu, wasm, auto, gpu or several of them. */
  readonly device?: Device;
  /**
   * Runs batches of this many images (1 for true) in the form that ONNX Runtime's CPU build is fastest in, where the model has SE, is a file, and the
   * device is cpu. The first time it is made, held against the model on this machine, and kept in a cache, which takes some seconds. Not unless given.
   */
  readonly optimize?: boolean | number | undefined;
}
/** The path of an .onnx file, its bytes, or a graph that is to run without ever being one. */
export type ModelSource = string | Uint8Array | Graph;
export type { ImageSource } from "./image-source.js";
export interface OpenedModel extends Opened<ImageSource> {
  /** What came of `optimize`: the file that runs, or a sentence that says why the model runs as it is. Null where it was not asked for. */
  readonly optimization: FastModel | string | null;
}

/** Opens an .onnx file, its bytes, or a graph, ours or not. Throws a UserError when it cannot be read or the device cannot run it. */
export async function open(
  source: ModelSource,
  { device = "cpu", optimize = false, ...options }: OpenOptions = {},
): Promise<OpenedModel> {
  const devices = candidates(device, providers);
  const model = source instanceof Graph ? await encodeToBytes(source) : source;
  const { setup, ports } = await readSetup(model);
  const usual = (): Promise<Session> => createOn(model, devices, options);
  const optimization = optimize ? await optimized(model, devices, Number(optimize)) : null;
  const fast = optimization !== null && typeof optimization !== "string" ? optimization : null;
  const session = fast
    ? fastSession(await createOn(fast.path, devices, options), fast.batch, ports, usual)
    : await usual();
  const opened = openedModel(session, setup, new PreparePool(setup), isImageSource);
  return Object.assign(opened, { optimization });
}

async function optimized(
  model: string | Uint8Array,
  [first]: readonly Candidate[],
  batch: number,
): Promise<FastModel | string> {
  if (first?.provider !== cpu) return `the form is for the device cpu, not for ${first?.device}`;
  return typeof model === "string"
    ? fastModel(model, batch)
    : "the model is given as bytes, and only a file is optimized";
}

interface Read {
  readonly setup: ClassifierSetup;
  /** As the model itself declares them. */
  readonly ports: Pick<Session, "inputs" | "outputs">;
}
async function readSetup(model: string | Uint8Array): Promise<Read> {
  const read = (graph: Graph): Read => ({ setup: setupOf(graph), ports: portsOf(graph) });
  if (typeof model !== "string") return read(await decode(model));
  const { graph, close } = await readModel(model);
  try {
    return read(graph);
  } finally {
    await close();
  }
}
const portsOf = ({ inputs, outputs }: Graph): Read["ports"] => {
  const port = ({ name, type }: Port): Port => ({ name, type });
  return { inputs: inputs.map(port), outputs: outputs.map(port) };
};
