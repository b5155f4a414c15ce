// npm run parity:optimize [-- FOLDER]: rewrites every .onnx file of the official onnx package's backend tests (or of FOLDER) for every target,
// and runs each in ONNX Runtime before and after, on numbers that a formula gives. Exits 0 when all outputs are equal or the package is absent
// (it says how to get it), 1 when one differs or a rewrite fails.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { targets } from "../dist/src/graph/targets.js";
import { encodeToBytes } from "../dist/src/index.js";
import { readModel } from "../dist/src/node.js";
import { optimize } from "../dist/src/optimize.js";
import { missing, runPython } from "./python.mjs";
import { table } from "./table.mjs";

/** Outputs may differ by this much of the largest number in them. */
const TOLERANCE = 1e-5;
/** @type {import("onnxruntime-node").InferenceSession.SessionOptions} */
const PLAIN = { graphOptimizationLevel: "disabled", intraOpNumThreads: 1, logSeverityLevel: 4 };

/** @type {Readonly<Record<string, (numbers: number[]) => any>>} */
const ARRAYS = {
  float32: (n) => Float32Array.from(n),
  float64: (n) => Float64Array.from(n),
  int64: (n) => BigInt64Array.from(n, (v) => BigInt(Math.trunc(v))),
  int32: (n) => Int32Array.from(n, Math.trunc),
  uint8: (n) => Uint8Array.from(n, (v) => Math.abs(50 * v)),
  bool: (n) => Uint8Array.from(n, (v) => Number(v > 0)),
};

/**
 * A tensor for every input; null where one takes what is not made up here.
 * @param {InferenceSession} session
 */
function feedsFor(session) {
  /** @type {Record<string, Tensor>} */
  const feeds = {};
  for (const input of session.inputMetadata) {
    const make = input.isTensor ? ARRAYS[input.type] : undefined;
    if (!input.isTensor || !make) return null;
    const dims = input.shape.map((d) => (typeof d === "number" ? d : 2));
    const numbers = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => 2 * Math.sin(1.7 * i + 0.3));
    feeds[input.name] = new Tensor(/** @type {any} */ (input.type), make(numbers), dims);
  }
  return feeds;
}

/**
 * @param {Uint8Array} bytes
 * @param {Record<string, Tensor> | null} given  made up unless given
 * @returns {Promise<{ feeds: Record<string, Tensor>, outputs: Record<string, any> } | null>}  null where it cannot be fed
 */
async function run(bytes, given = null) {
  const session = await InferenceSession.create(bytes, PLAIN);
  try {
    const feeds = given ?? feedsFor(session);
    return feeds && { feeds, outputs: await session.run(feeds) };
  } finally {
    await session.release();
  }
}

/**
 * How two outputs differ, in words; null where they do not.
 * @param {any} a
 * @param {any} b
 */
function difference(a, b) {
  if (a.type !== b?.type || a.dims.join() !== b.dims.join())
    return `is ${b?.type}[${b?.dims}] in place of ${a.type}[${a.dims}]`;
  if (a.type === "string") return a.data.join("\n") === b.data.join("\n") ? null : "holds other text";
  let [scale, off] = [0, 0];
  for (const [i, v] of a.data.entries()) {
    const [p, q] = [Number(v), Number(b.data[i])];
    if (Number.isFinite(p)) scale = Math.max(scale, Math.abs(p));
    if (!Object.is(p, q) && p !== q)
      off = Math.max(off, Number.isNaN(p - q) ? Number.POSITIVE_INFINITY : Math.abs(p - q));
  }
  return off <= TOLERANCE * (scale || 1) ? null : `is off by ${off} of ${scale}`;
}

/**
 * @param {string} file
 * @param {import("../src/graph/targets.js").Target} target
 * @returns {Promise<"unchanged" | "not run" | "equal" | string>}  what else it is: the difference
 */
async function tryOne(file, target) {
  const { graph, close } = await readModel(file);
  try {
    const before = await encodeToBytes(graph);
    if (!optimize(graph, target.passes).passes.some((p) => p.applied)) return "unchanged";
    const expected = await run(before).catch(() => null);
    if (!expected) return "not run";
    const actual = await run(await encodeToBytes(graph), expected.feeds);
    const wrong = Object.entries(expected.outputs).flatMap(([name, t]) => {
      const found = difference(t, actual?.outputs[name]);
      return found ? [`'${name}' ${found}`] : [];
    });
    return wrong.join("; ") || "equal";
  } catch (error) {
    return String(error);
  } finally {
    await close();
  }
}

const given = process.argv[2];
const absent = given ? null : await missing(["onnx"]);
if (absent) {
  console.log(`parity:optimize skipped: ${absent}`);
  process.exit(0);
}
const folder = given ?? (await runPython("onnx_data.py", [])).trim();
const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".onnx")).sort();
const row = table([
  ["target", 12],
  ["files", 6],
  ["unchanged", 9],
  ["not run", 8],
  ["equal", 6],
  ["different", 9],
]);
/** @type {string[]} */
const problems = [];
for (const target of targets) {
  const counts = { unchanged: 0, "not run": 0, equal: 0, different: 0 };
  for (const name of files) {
    const answer = await tryOne(join(folder, name), target);
    const known = answer === "unchanged" || answer === "not run" || answer === "equal";
    counts[known ? answer : "different"]++;
    if (!known) problems.push(`${target.name} ${name}: ${answer}`);
  }
  console.log(row(target.name, files.length, counts.unchanged, counts["not run"], counts.equal, counts.different));
}
for (const problem of problems) console.log(problem);
process.exit(problems.length ? 1 : 0);
