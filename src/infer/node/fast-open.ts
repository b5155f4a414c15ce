import { resolve } from "node:path";
import { readMetadata } from "../../export/metadata.js";
import { nodesWithin } from "../../graph/bodies.js";
import { UserError } from "../../graph/error.js";
import type { Graph } from "../../graph/graph.js";
import { macs } from "../../graph/macs.js";
import { NCHWC } from "../../graph/nchwc/call.js";
import { runPass } from "../../graph/pass.js";
import { inlineFunctions } from "../../graph/passes/inline-functions.js";
import { hasNarrowGroups } from "../../graph/passes/merge-groups.js";
import { findSqueezeExcite } from "../../graph/squeeze-excite.js";
import { isRanked } from "../../graph/type.js";
import { type Candidate, createOn } from "../device.js";
import type { SessionOptions } from "../provider.js";
import type { Port, Session } from "../session.js";
import { cacheFolder } from "./fast-cache.js";
import { type FastModel, type FastWish, fastModel, filesOf, isIntact } from "./fast-model.js";
import { fastSession } from "./fast-session.js";
import { NO_BLOCK } from "./maker-protocol.js";
import { modelHash } from "./model-hash.js";

/** A model as far as its forms depend on it. */
export interface FastSource {
  readonly path: string;
  readonly dataFiles: readonly string[];
  readonly ports: Pick<Session, "inputs" | "outputs">;
  /** Images that it takes at a time; null where it leaves that open. */
  readonly batch: number | null;
  /** It has what the processor's form is faster for, as far as can be seen without rewriting it. */
  readonly gains: boolean;
}
/** How it is to be opened. */
export interface FastOpening {
  readonly devices: readonly Candidate[];
  readonly options: SessionOptions;
  /** Images at a time that are to be expected. */
  readonly batch: number;
  readonly make: FastWish["make"];
}

/** Targets of the providers that have one that was tried. */
const TARGETS: Readonly<Record<string, string>> = { cpu: "ort-cpu", wasm: "wasm", webgpu: "webgpu" };
/** Multiply-adds under which a run is over before another form could pay. */
const WORTH = 2e8;

/** A sentence where no form of the model could be faster. */
export function sourceOf(path: string, graph: Graph, dataFiles: readonly string[]): FastSource | string {
  const { target } = readMetadata(graph);
  if (typeof target === "string") return `it was built for ${target}`;
  if (graph.opsets.has(NCHWC)) return "it is in the form for ONNX Runtime's CPU build already";
  runPass(inlineFunctions, graph);
  if (!nodesWithin(graph).some((n) => n.op === "Conv" && !n.domain)) return "it has no convolution";
  if ((macs(graph) ?? WORTH) < WORTH) return "it is too small to gain";
  const gains = hasNarrowGroups(graph) || findSqueezeExcite(graph).length > 0;
  const port = ({ name, type }: Port): Port => ({ name, type });
  const needed = graph.inputs.filter((v) => !graph.defaults.has(v));
  const ports = { inputs: needed.map(port), outputs: graph.outputs.map(port) };
  const type = ports.inputs[0]?.type ?? null;
  const [n] = isRanked(type) ? type.shape : [];
  return { path, dataFiles, ports, batch: typeof n === "number" ? n : null, gains };
}

/** A session on the fastest form of the model, and what it is; a sentence where the model is to run as it is. */
export async function openFast(
  source: FastSource | string,
  { devices, options, batch, make }: FastOpening,
): Promise<{ readonly session: Session; readonly form: FastModel } | string> {
  if (typeof source === "string") return source;
  const target = await targetOf(devices);
  if (!target) return "there is no other form for that device";
  const { dataFiles, ports, batch: own, gains } = source;
  if (target === "ort-cpu" && !gains) return NO_BLOCK;
  const path = resolve(source.path);
  const { threads } = options;
  const find = (n: number, beside: boolean) => {
    const images = target === "ort-cpu" ? (own ?? n) : null;
    return load(path, { target, batch: images, dataFiles, threads, make, beside }, devices, options);
  };
  const files = filesOf(path, dataFiles);
  const hashNow = (): Promise<string | null> => modelHash(files, cacheFolder()).catch(() => null);
  const hash = await hashNow();
  const found = await find(batch, false);
  if (typeof found === "string") return found;
  const { session, form } = found;
  const forBatch = async (n: number): Promise<Session | null> => {
    const other = (await hashNow()) === hash ? await find(n, true) : "the model is another";
    return typeof other === "string" ? null : other.session;
  };
  const usual = async (): Promise<Session> => {
    if ((await hashNow()) !== hash)
      throw new UserError(`'${source.path}' was changed after it was opened: open it again, or give open its bytes`);
    return createOn(path, devices, options);
  };
  const splits = form.splits && own === null;
  return { session: fastSession({ ports, batch: form.batch, session, splits, forBatch, usual }), form };
}

/** The target of the device that will run the model. */
async function targetOf(devices: readonly Candidate[]): Promise<string | null> {
  for (const { provider } of devices)
    if (devices.length === 1 || (await provider.available()) === true) return TARGETS[provider.name] ?? null;
  return null;
}

/** Loads the form, and checks meanwhile that it is what was compared; once more where it was not, made anew. */
async function load(
  path: string,
  wish: FastWish,
  devices: readonly Candidate[],
  options: SessionOptions,
  again = true,
): Promise<{ readonly session: Session; readonly form: FastModel } | string> {
  const form = await fastModel(path, wish);
  if (typeof form === "string") return form;
  const [intact, [created]] = await Promise.all([
    isIntact(form),
    Promise.allSettled([createOn(form.path, devices, options)]),
  ]);
  if (intact && created.status === "fulfilled") return { session: created.value, form };
  if (created.status === "fulfilled") await created.value.close();
  if (!intact && again) return load(path, wish, devices, options, false);
  return "its other form was made, and cannot be loaded";
}
