import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { cacheHome } from "../../export/node/fetch/cache-folder.js";
import { readModel } from "../../export/node/read-model.js";
import { writeModel } from "../../export/node/write-model.js";
import { choose, UserError } from "../../graph/error.js";
import { fixInputs } from "../../graph/fix-inputs.js";
import { macs } from "../../graph/macs.js";
import { findSqueezeExcite } from "../../graph/squeeze-excite.js";
import { targets } from "../../graph/targets.js";
import { compareOutputs } from "../compare.js";
import { randomTensor, rankedOf, shapeFor } from "../make-feeds.js";
import type { ProviderSession } from "../provider.js";
import type { HostTensor, Port } from "../session.js";
import { installed } from "./package.js";
import { cpu } from "./providers/cpu.js";

/** A file that ONNX Runtime's CPU build runs faster than the model it was made of, with the same outputs. */
export interface FastModel {
  readonly path: string;
  /** Images that it takes at a time. */
  readonly batch: number;
}

/** Changed whenever the passes are, so that files of earlier ones are not used. */
const PASSES_VERSION = 1;
/** Multiply-adds under which a run is over before a layout could pay. */
const WORTH = 3e8;
/** Files kept, the last used ones. */
const KEPT = 8;
/** Largest difference of the outputs, relative to the largest of them. */
const TOLERANCE = 1e-4;

/**
 * The model at `path` for `batch` images at a time, rewritten by the passes of the target ort-cpu: from the cache, or made and compared with the model
 * on this machine now, which takes a few seconds once. A sentence where it would gain nothing, or is not the same here.
 */
export async function fastModel(model: string, batch: number): Promise<FastModel | string> {
  const path = resolve(model);
  const folder = join(cacheHome(process.env), "se-onnx", "optimized");
  const key = await keyOf(path, batch);
  const [file, refusal] = [join(folder, `${key}.onnx`), join(folder, `${key}.txt`)];
  if (await touched(file)) return { path: file, batch };
  const known = await readFile(refusal, "utf8").catch(() => null);
  if (known !== null) return known;
  await mkdir(folder, { recursive: true });
  const untried = join(folder, `${key}.untried.onnx`); // nobody runs it under this name
  try {
    const reason = (await make(path, untried, batch)) ?? (await difference(path, untried));
    if (reason) await writeFile(refusal, reason);
    else await rename(untried, file);
    if (reason) return reason;
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    return `ONNX Runtime cannot run it in the blocked layout: ${e.message}`; // now, perhaps for want of memory
  } finally {
    await rm(untried, { force: true });
  }
  await removeOldest(folder);
  return { path: file, batch };
}

/** Everything that the file depends on: the model, the batch, the passes, the runtime and the processor. */
async function keyOf(path: string, batch: number): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  const runtime = installed("onnxruntime-node")?.version;
  const machine = cpus()[0]?.model;
  const parts = [path, mtimeMs, size, batch, PASSES_VERSION, runtime, machine];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);
}

/** Writes the file; a reason where it is of no use. */
async function make(path: string, file: string, batch: number): Promise<string | null> {
  const { graph, dataFiles, close } = await readModel(path);
  try {
    if (dataFiles.length) return "its tensors are in a file of their own, which may change by itself";
    if (!findSqueezeExcite(graph).length) return "it has no SE block";
    if ((macs(graph) ?? WORTH) < WORTH) return "it is too small to gain";
    fixInputs(graph, { batch });
    for (const pass of choose("target", "ort-cpu", targets).passes) pass.run(graph);
    if (!graph.nodes.some((n) => n.domain)) return "its convolutions do not fit the blocked layout";
    await writeModel(graph, file, { hash: false });
    return null;
  } finally {
    await close();
  }
}

/** Runs both on the same numbers; a sentence where they differ. */
async function difference(path: string, file: string): Promise<string | null> {
  const sessions: ProviderSession[] = [];
  try {
    for (const model of [path, file]) sessions.push(await cpu.create(model, {}));
    const [model, fast] = sessions;
    if (!model || !fast) return null;
    const feeds = Object.fromEntries(fast.inputs.map((input, i) => [input.name, numbersFor(input, i)]));
    const { maxRel } = compareOutputs(await model.run(feeds), await fast.run(feeds));
    return maxRel <= TOLERANCE ? null : `its outputs differ by ${maxRel.toExponential(1)} in the blocked layout`;
  } finally {
    for (const session of sessions) await session.close();
  }
}

const numbersFor = ({ name, type }: Port, seed: number): HostTensor =>
  randomTensor(rankedOf(name, type).dtype, shapeFor(name, type, { byName: new Map(), otherwise: 1 }), seed);

/** Whether the file is there; it is then the last used one. */
async function touched(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => false,
  );
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".onnx"));
  const files = await Promise.all(
    names.map(async (name) => ({ name, used: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  const old = files.sort((a, b) => b.used - a.used).slice(KEPT);
  for (const { name } of old) await rm(join(folder, name), { force: true });
}
