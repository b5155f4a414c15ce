// npm run parity [-- NAME...]: compares se-onnx with PyTorch, case by case, then the checkpoints of the zoos (npm run parity:zoos has these
// alone), and proves that the comparison can fail.
// NAME keeps the cases whose name contains it. docs/data/parity.json and zoos.json have the last result of every case: a run that was
// interrupted, or of some cases only, leaves the others as they were.
// Exits 0 when all pass or the reference packages are absent (it says how to get them), 1 when one fails, 2 on bad
// options.

import { existsSync } from "node:fs";
import { cases } from "./cases.mjs";
import { compare, FAULT, LIMIT } from "./compare.mjs";
import { inFolder } from "./folder.mjs";
import { cli, sentence } from "./product.mjs";
import { missing } from "./python.mjs";
import { record } from "./record.mjs";
import { table } from "./table.mjs";
import { cases as zooCases } from "./zoos-cases.mjs";
import { compareZoos } from "./zoos-table.mjs";

/** @param {number} error */
const exponent = (error) => error.toExponential(1);

/**
 * First table: agreement. Gives also what the deliberate faults did.
 * @param {import("./cases.mjs").Case[]} chosen
 */
async function compareAll(chosen) {
  const width = Math.max(...chosen.map(({ name }) => name.length), 4);
  const row = table([
    ["case", width],
    ["error", 7],
    ["seconds", 7],
    ["inputs", 19],
    ["checker", 8],
    ["gates", 10],
    ["images", 6],
  ]);
  const results = [];
  const mutated = [];
  for (const of of chosen) {
    const start = performance.now();
    const inputs = of.inputs.map(([batch, size]) => `${batch}x${size}`).join(" ");
    try {
      const { mutations, ...found } = await inFolder((folder) => compare(of, folder));
      const seconds = (performance.now() - start) / 1000;
      const valid = found.problems.some((problem) => problem.startsWith("onnx.checker"))
        ? "INVALID"
        : `opset ${found.opset}`;
      const [low, , high] = found.gateQuantiles ?? [];
      const gates = found.gateQuantiles ? `${low.toFixed(2)}-${high.toFixed(2)}` : "";
      const error = Math.max(...found.errors.map((e) => e.error));
      const cells = [exponent(error), seconds.toFixed(1), inputs, valid, gates, found.imageDifference.toFixed(2)];
      console.log(row(of.name, ...cells, ...found.problems.map((problem) => `FAILED: ${problem}`)));
      const result = { name: of.name, passed: found.problems.length === 0, error, seconds, ...found, mutations };
      results.push(result);
      mutated.push(...mutations.map((m) => ({ name: `${of.name}: ${m.fault}`, error: m.error, passed: m.passed })));
      await record(result);
    } catch (error) {
      console.log(row(of.name, `FAILED: ${sentence(error)}`));
      const result = { name: of.name, passed: false, problems: [sentence(error)] };
      results.push(result);
      await record(result);
    }
  }
  return { results, mutated };
}

/**
 * Second table: the comparison notices deliberate faults.
 * @param {{name: string, error: number, passed: boolean}[]} mutated
 */
function showFaults(mutated) {
  console.log(`\nThe same error must be at least ${FAULT} when PyTorch's network has a deliberate fault\n`);
  const row = table([
    ["network: deliberate fault in PyTorch's", Math.max(...mutated.map(({ name }) => name.length), 40)],
    ["error", 7],
  ]);
  for (const { name, error, passed } of mutated) console.log(row(name, exponent(error), ...(passed ? [] : ["FAILED"])));
}

const filters = process.argv.slice(2);
/** @param {{name: string}} of */
const wanted = ({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter));

const absent = await missing(["torch", "torchvision", "timm", "onnx", "safetensors"]);
if (absent) {
  console.log(`parity skipped: ${absent}`);
  process.exit(0);
}
if (!existsSync(cli)) {
  console.error(`${cli} is not there: run npm run build first`);
  process.exit(2);
}
const chosen = cases.filter(wanted);
const chosenZoos = zooCases.filter(wanted);
if (chosen.length + chosenZoos.length === 0) {
  const names = [...cases, ...zooCases].map(({ name }) => name).join(", ");
  console.error(`no case to run is called '${filters.join("' or '")}'; choose from: ${names}`);
  process.exit(2);
}

console.log(`error: max|ours - PyTorch| / max|PyTorch| of the logits, at most ${LIMIT}; inputs: batch x pixels;
gates: 5 % to 95 % quantile; images: how far two images' logits differ, in deviations of the logits\n`);
const { results: compared, mutated: mutations } = await compareAll(chosen);
if (mutations.length > 0) showFaults(mutations);
const zoos = chosenZoos.length > 0 ? await compareZoos(chosenZoos) : [];

const results = [...compared, ...mutations, ...zoos];
const failed = results.filter(({ passed }) => !passed).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
