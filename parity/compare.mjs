// One case: the same weights and inputs in PyTorch and in the file that se-onnx builds.

import { join } from "node:path";
import { relativeError } from "./npy.mjs";
import { buildModel, runModel } from "./product.mjs";
import { runPython } from "./python.mjs";

/** Largest relative error of the logits: what float32 rounding in another order of operations explains, with room. */
export const LIMIT = 1e-4;
/** Smallest relative error that a deliberate fault must make. */
export const FAULT = 1e-3;

const sizes = [224, 192];
const batches = [1, 3];
/** Batch and pixels of every input. */
export const inputs = sizes.flatMap((size) => batches.map((batch) => /** @type {const} */ ([batch, size])));

/**
 * @param {import("./cases.mjs").Case} of
 * @param {{problem: string | null, opset: number, external: number, nodes: Record<string, number>}} file  what check.py found
 */
function fileProblems(of, { problem, opset, external, nodes }) {
  const problems = problem ? [`onnx.checker: ${problem}`] : [];
  if (of.opset !== undefined && opset !== of.opset) problems.push(`opset ${opset} where ${of.opset} was asked for`);
  if (external > 0 !== (of.external ?? false)) problems.push(`${external} tensors are in a file of their own`);
  for (const [op, count] of Object.entries(of.nodes ?? {})) {
    if ((nodes[op] ?? 0) !== count) problems.push(`${nodes[op] ?? 0} ${op} nodes where ${count} are due`);
  }
  return problems;
}

/**
 * Compares one network at every batch and size; `problems` is empty when all is well.
 * @param {import("./cases.mjs").Case} of
 * @param {string} folder
 */
export async function compare(of, folder) {
  const { gateQuantiles, imageDifference, ...reference } = JSON.parse(
    await runPython("reference.py", [JSON.stringify({ ...of, inputs }), folder]),
  );
  /** @type {Record<number, string>} */
  const models = {};
  for (const size of sizes) models[size] = await buildModel(of, size, folder);
  const checked = JSON.parse(await runPython("check.py", Object.values(models)));
  const errors = [];
  for (const [batch, size] of inputs) {
    const logits = await runModel(models[size] ?? "", `${batch}x${size}`, folder);
    errors.push(await relativeError(logits, join(folder, `logits-${batch}x${size}.npy`)));
  }
  const problems = [...new Set(Object.values(models).flatMap((file) => fileProblems(of, checked[file])))];
  // Written so that NaN, which is neither below nor above, is a problem.
  if (!errors.every((error) => error <= LIMIT)) problems.push(`relative error over ${LIMIT}`);
  return { errors, opset: checked[models[224] ?? ""].opset, problems, gateQuantiles, imageDifference, reference };
}

/**
 * How far PyTorch with each deliberate fault is from the file se-onnx builds; the first entry has no fault.
 * @param {import("./cases.mjs").Case} of
 * @param {string} folder
 */
export async function mutate(of, folder) {
  const request = JSON.stringify({ ...of, inputs: [[1, 224]], faults: true });
  /** @type {{faults: string[]}} */
  const { faults } = JSON.parse(await runPython("reference.py", [request, folder]));
  const logits = await runModel(await buildModel(of, 224, folder), "1x224", folder);
  const none = await relativeError(logits, join(folder, "logits-1x224.npy"));
  const found = [{ fault: "none", error: none, passed: none <= LIMIT }];
  for (const [number, fault] of faults.entries()) {
    const error = await relativeError(logits, join(folder, `fault-${number}.npy`));
    found.push({ fault, error, passed: error >= FAULT });
  }
  return found;
}
