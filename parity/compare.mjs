// One case: the same weights and inputs in PyTorch and in the file that se-onnx builds.

import { join } from "node:path";
import { relativeError } from "./npy.mjs";
import { buildModel, runModel } from "./product.mjs";
import { runPython } from "./python.mjs";

/** Largest relative error of the logits: what float32 rounding in another order of operations explains, with room. */
export const LIMIT = 1e-4;
/** Smallest relative error that a deliberate fault must make. */
export const FAULT = 1e-3;

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
 * Compares one network at each of its inputs; `problems` is empty when all is well. Where the case asks for faults, it also gives how far
 * PyTorch with each of them is from the file, at the first input.
 * @param {import("./cases.mjs").Case} of
 * @param {string} folder
 */
export async function compare(of, folder) {
  const {
    gateQuantiles,
    imageDifference,
    faults = [],
    ...reference
  } = JSON.parse(await runPython("reference.py", [JSON.stringify(of), folder]));
  /** @type {Record<number, string>} */
  const models = {};
  for (const [, size] of of.inputs) models[size] ??= await buildModel(of, size, folder);
  const checked = JSON.parse(await runPython("check.py", Object.values(models)));
  const outputs = [];
  for (const [batch, size] of of.inputs)
    outputs.push([`${batch}x${size}`, await runModel(models[size] ?? "", `${batch}x${size}`, folder)]);
  const errors = [];
  for (const [input, logits] of outputs)
    errors.push({ input, error: await relativeError(logits ?? "", join(folder, `logits-${input}.npy`)) });
  const problems = [...new Set(Object.values(models).flatMap((file) => fileProblems(of, checked[file])))];
  // Written so that NaN, which is neither below nor above, is a problem.
  if (!errors.every(({ error }) => error <= LIMIT)) problems.push(`relative error over ${LIMIT}`);
  const mutations = [];
  for (const [number, fault] of faults.entries()) {
    const error = await relativeError(outputs[0]?.[1] ?? "", join(folder, `fault-${number}.npy`));
    mutations.push({ fault, error, passed: error >= FAULT });
  }
  const [file = ""] = Object.values(models);
  return { errors, opset: checked[file].opset, problems, gateQuantiles, imageDifference, reference, mutations };
}
