// npm run parity:passes [-- NETWORK...] [--batch 1,3,8] [--data FILE]: every backbone of the registry (or those named), each at the least image that it
// takes, BatchNorms not folded: its outputs in ONNX Runtime as built against those after every pass alone and after all together, for each batch.
// Where random weights make a network of which one rounding of its input changes the outputs by more than SENSITIVE (the deepest, whose maps grow
// from block to block), the scales of its BatchNorms are halved until they do not.
// One line of JSON for each goes to FILE (docs/data/passes.jsonl) as it is done; what is there is not run again, so that a run that was stopped goes
// on. Exits 0 when no output is off by more than 1e-4 of the largest, 1 otherwise.

import { existsSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { backbones } from "../dist/models/index.js";
import { replace } from "../dist/src/graph/edit.js";
import { allPasses, targets } from "../dist/src/graph/targets.js";
import { float32s } from "../dist/src/graph/tensor.js";
import { buildModel, encodeToBytes } from "../dist/src/index.js";
import { optimize } from "../dist/src/optimize.js";
import { table } from "./table.mjs";

const TOLERANCE = 1e-4;
const SENSITIVE = 1e-5;
/** The others' passes are among theirs. */
const TARGETS = ["cpu", "ort-cpu", "wasm"];
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
/** What it takes for a place of the later passes to come about is in the targets. */
const plans = [
  ...exact.map((pass) => ({ name: pass.name, passes: [pass] })),
  ...targets
    .filter(({ name }) => TARGETS.includes(name))
    .map(({ name, passes }) => ({ name: `target ${name}`, passes })),
  { name: "all together", passes: exact },
];
const NEED_BATCH = ["block-layout", "scale-weights", "gate-to-kernel"];
/** Does more where the batch is known. */
const isFixed = (/** @type {readonly import("../dist/src/index.js").Pass[]} */ passes) =>
  passes.length > 1 && passes.some(({ name }) => NEED_BATCH.includes(name));

/**
 * The outputs for each batch.
 * @param {import("../dist/src/index.js").Graph} graph
 * @param {number} size
 * @param {readonly number[]} batches
 * @param {number} [factor]  of the input
 */
async function run(graph, size, batches, factor = 1) {
  const bytes = await encodeToBytes(graph);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const outputs = [];
    for (const batch of batches) {
      const data = Float32Array.from(
        { length: batch * 3 * size * size },
        (_, i) => factor * 2 * Math.sin(0.37 * i + (i % 7)),
      );
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

/** @param {import("../dist/src/index.js").Graph} graph @param {number} value  of every scale of a BatchNormalization */
function setScales(graph, value) {
  for (const { op, inputs } of graph.nodes) {
    const scale = op === "BatchNormalization" ? inputs[1] : null;
    const [channels = 0] = scale?.constant?.shape ?? [];
    if (scale) replace(scale, graph.constant(`${scale.name}.halved`, float32s(Array(channels).fill(value))));
  }
}

/** @param {(typeof backbones)[number]} backbone @param {typeof plans} wanted */
async function tryAll({ name, load }, wanted) {
  const architecture = await load();
  const inputSize = architecture.input.min;
  let scale = 1;
  const build = (/** @type {number | "dynamic"} */ batch) => {
    const { graph } = buildModel(name, architecture, { inputSize, classes: 10, fold: false, batch });
    if (scale !== 1) setScales(graph, scale);
    return graph;
  };
  const outputs = (factor = 1) => run(build("dynamic"), inputSize, batches, factor);
  let expected = await outputs();
  const isSensitive = async () => {
    const nudged = await outputs(1 + 2 ** -22);
    return expected.some((of, i) => !(difference(of, nudged[i]) <= SENSITIVE));
  };
  while (scale > 1 / 16 && (await isSensitive())) {
    scale /= 2;
    expected = await outputs();
  }
  const runs = [];
  for (const plan of wanted)
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
  return { name, inputSize, ...(scale === 1 ? {} : { scale }), runs };
}

const known = existsSync(values.data) ? (await readFile(values.data, "utf8")).trim().split("\n").filter(Boolean) : [];
/** @type {Map<string, Awaited<ReturnType<typeof tryAll>>>} */
const done = new Map(known.map((line) => [JSON.parse(line).name, JSON.parse(line)]));
const wanted = backbones.filter(({ name }) => !positionals.length || positionals.includes(name));
for (const backbone of wanted) {
  const before = done.get(backbone.name)?.runs ?? [];
  const left = plans.filter((plan) => !before.some(({ pass }) => pass === plan.name));
  if (!left.length) continue;
  const made = await tryAll(backbone, left);
  const result = { ...made, runs: [...before, ...made.runs] };
  done.set(backbone.name, result);
  await appendFile(values.data, `${JSON.stringify(result)}\n`);
  if (process.stderr.isTTY) process.stderr.write(`${done.size} of ${wanted.length}: ${backbone.name}\n`);
}

const lines = backbones.flatMap(({ name }) => done.get(name) ?? []).map((of) => JSON.stringify(of));
await writeFile(values.data, `${lines.join("\n")}\n`); // one line a backbone again

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
