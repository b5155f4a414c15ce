// npm run parity:passes [-- NETWORK...] [--batch 1,3,8] [--data FILE]: every backbone of the registry (or those named), each at the least image that it
// takes, BatchNorms not folded: its outputs in ONNX Runtime as built against those after every pass alone and after all together, for each batch.
// One line of JSON for each goes to FILE (docs/data/passes.jsonl) as it is done; a backbone that is there is not run again, so that a run that was
// stopped goes on. Exits 0 when no output is off by more than 1e-4 of the largest, 1 otherwise.

import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { backbones } from "../dist/models/index.js";
import { allPasses } from "../dist/src/graph/targets.js";
import { buildModel, encodeToBytes } from "../dist/src/index.js";
import { optimize } from "../dist/src/optimize.js";
import { table } from "./table.mjs";

const TOLERANCE = 1e-4;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: "string", default: "1,3,8" },
    data: { type: "string", default: fileURLToPath(new URL("../docs/data/passes.jsonl", import.meta.url)) },
  },
});
const batches = values.batch.split(",").map(Number);
/** Those that keep the numbers, alone and all together. */
const exact = allPasses.filter(({ name }) => name !== "convert-float16");
/** @param {string} last */
const upTo = (last) => ({ name: `up to ${last}`, passes: exact.slice(0, exact.findIndex((p) => p.name === last) + 1) });
const plans = [
  ...exact.map((pass) => ({ name: pass.name, passes: [pass] })),
  ...["hoist-squeeze", "pad-hidden"].map(upTo), // alone they find no place in what is built here
  { name: "all together", passes: exact },
];
/** Needs a batch that is known. */
const isFixed = (/** @type {readonly import("../dist/src/index.js").Pass[]} */ passes) =>
  passes.some(({ name }) => name === "block-layout");

/**
 * The outputs for each batch.
 * @param {import("../dist/src/index.js").Graph} graph
 * @param {number} size
 * @param {readonly number[]} batches
 */
async function run(graph, size, batches) {
  const bytes = await encodeToBytes(graph);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const outputs = [];
    for (const batch of batches) {
      const data = Float32Array.from({ length: batch * 3 * size * size }, (_, i) => 2 * Math.sin(0.37 * i + (i % 7)));
      const { logits } = await session.run({ input: new Tensor("float32", data, [batch, 3, size, size]) });
      outputs.push(/** @type {Float32Array} */ (logits?.data));
    }
    return outputs;
  } finally {
    await session.release();
  }
}

/** The largest difference over the largest number. @param {Float32Array} a @param {Float32Array} [b] */
function difference(a, b) {
  let [scale, off] = [0, a.length === b?.length ? 0 : Number.POSITIVE_INFINITY];
  for (const [i, v] of a.entries()) {
    scale = Math.max(scale, Math.abs(v));
    const d = Math.abs(v - (b?.[i] ?? Number.NaN));
    off = Math.max(off, Number.isNaN(d) ? Number.POSITIVE_INFINITY : d);
  }
  return off / scale;
}

/** @param {(typeof backbones)[number]} backbone */
async function tryAll({ name, load }) {
  const architecture = await load();
  const inputSize = architecture.input.min;
  const build = (/** @type {number | "dynamic"} */ batch) =>
    buildModel(name, architecture, { inputSize, classes: 10, fold: false, batch }).graph;
  const expected = await run(build("dynamic"), inputSize, batches);
  const runs = [];
  for (const plan of plans)
    for (const some of isFixed(plan.passes) ? batches.map((b) => [b]) : [batches]) {
      const graph = build(isFixed(plan.passes) ? (some[0] ?? 1) : "dynamic");
      const reports = optimize(graph, plan.passes).passes;
      const applied = reports.filter((p) => p.applied).map((p) => p.name);
      const outputs = applied.length ? await run(graph, inputSize, some) : [];
      for (const [i, batch] of some.entries()) {
        const off = applied.length ? difference(expected[batches.indexOf(batch)] ?? new Float32Array(), outputs[i]) : 0;
        runs.push({ pass: plan.name, batch, applied, off });
      }
    }
  return { name, inputSize, runs };
}

const known = existsSync(values.data) ? (await readFile(values.data, "utf8")).trim().split("\n").filter(Boolean) : [];
/** @type {Map<string, Awaited<ReturnType<typeof tryAll>>>} */
const done = new Map(known.map((line) => [JSON.parse(line).name, JSON.parse(line)]));
const wanted = backbones.filter(({ name }) => !positionals.length || positionals.includes(name));
for (const backbone of wanted.filter(({ name }) => !done.has(name))) {
  const result = await tryAll(backbone);
  done.set(backbone.name, result);
  await appendFile(values.data, `${JSON.stringify(result)}\n`);
  if (process.stderr.isTTY) process.stderr.write(`${done.size} of ${wanted.length}: ${backbone.name}\n`);
}

const all = wanted.flatMap(({ name }) => done.get(name)?.runs.map((r) => ({ network: name, ...r })) ?? []);
const row = table([
  ["pass", 24],
  ["networks", 8],
  ["applied in", 10],
  ["worst", 8],
]);
for (const { name } of plans) {
  const own = all.filter((r) => r.pass === name);
  const [worst] = own.toSorted((a, b) => b.off - a.off);
  const networks = (/** @type {typeof own} */ list) => new Set(list.map((r) => r.network)).size;
  const changed = networks(all.filter((r) => r.applied.includes(name) || (r.pass === name && r.applied.length)));
  console.log(row(name, networks(own), changed, (worst?.off ?? 0).toExponential(1), worst?.off ? worst.network : ""));
}
const failed = all.filter((r) => !(r.off <= TOLERANCE));
for (const { network, pass, batch, off } of failed) console.log(`${network}, batch ${batch}, ${pass}: off by ${off}`);
console.log(`${all.length} comparisons, ${failed.length} off by more than ${TOLERANCE}`);
process.exit(failed.length ? 1 : 0);
