// npm run parity [-- NAME...]: compares se-onnx with PyTorch, case by case, and proves that the comparison can fail.
// NAME keeps the cases whose name contains it. A run of all cases writes docs/data/parity.json.
// Exits 0 when all pass or the reference packages are absent (it says how to get them), 1 when one fails, 2 on bad
// options.

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cases, mutated } from "./cases.mjs";
import { compare, FAULT, inputs, LIMIT, mutate } from "./compare.mjs";
import { inFolder } from "./folder.mjs";
import { cli, sentence } from "./product.mjs";
import { missing } from "./python.mjs";
import { table } from "./table.mjs";

/** @param {number} error */
const exponent = (error) => error.toExponential(1);

/**
 * First table: agreement.
 * @param {import("./cases.mjs").Case[]} chosen
 */
async function compareAll(chosen) {
  const width = Math.max(...chosen.map(({ name }) => name.length), 4);
  const columns = inputs.map(([batch, size]) => /** @type {const} */ ([`${batch}x${size}`, 7]));
  const row = table([["case", width], ...columns, ["checker", 8], ["gates", 9], ["images", 6], ["seconds", 7]]);
  const results = [];
  for (const of of chosen) {
    const start = performance.now();
    try {
      const found = await inFolder((folder) => compare(of, folder));
      const seconds = (performance.now() - start) / 1000;
      const valid = found.problems.some((problem) => problem.startsWith("onnx.checker"))
        ? "INVALID"
        : `opset ${found.opset}`;
      const [low, , high] = found.gateQuantiles ?? [];
      const gates = found.gateQuantiles ? `${low.toFixed(2)}-${high.toFixed(2)}` : "";
      const cells = [...found.errors.map(exponent), valid, gates, found.imageDifference.toFixed(2), seconds.toFixed(1)];
      console.log(row(of.name, ...cells, ...found.problems.map((problem) => `FAILED: ${problem}`)));
      results.push({ name: of.name, passed: found.problems.length === 0, seconds, ...found });
    } catch (error) {
      console.log(row(of.name, `FAILED: ${sentence(error)}`));
      results.push({ name: of.name, passed: false, problems: [sentence(error)] });
    }
  }
  return results;
}

/**
 * Second table: the comparison notices deliberate faults.
 * @param {import("./cases.mjs").Case[]} chosen
 */
async function mutateAll(chosen) {
  console.log(`\nThe same error must be at least ${FAULT} when PyTorch's network has a deliberate fault\n`);
  const row = table([
    ["network: deliberate fault in PyTorch's", 54],
    ["error", 7],
  ]);
  const results = [];
  for (const of of chosen) {
    try {
      for (const { fault, error, passed } of await inFolder((folder) => mutate(of, folder))) {
        const name = `${of.name}: ${fault}`;
        console.log(row(name, exponent(error), ...(passed ? [] : ["FAILED"])));
        results.push({ name, error, passed });
      }
    } catch (error) {
      console.log(row(of.name, `FAILED: ${sentence(error)}`));
      results.push({ name: of.name, passed: false, problems: [sentence(error)] });
    }
  }
  return results;
}

const filters = process.argv.slice(2);
/** @param {import("./cases.mjs").Case} of */
const wanted = ({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter));

const absent = await missing(["torch", "torchvision", "onnx", "safetensors"]);
if (absent) {
  console.log(`parity skipped: ${absent}`);
  process.exit(0);
}
if (!existsSync(cli)) {
  console.error("dist/cli/main.js is not there: run npm run build first");
  process.exit(2);
}
const noTimm = await missing(["timm"]);
if (noTimm) console.log(`timm's networks are skipped: ${noTimm}\n`);
const chosen = cases.filter(wanted).filter(({ timm }) => !timm || !noTimm);
const faulty = mutated.filter(wanted);
if (chosen.length + faulty.length === 0) {
  console.error(
    `no case to run is called '${filters.join("' or '")}'; choose from: ${cases.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

console.log(`Relative error max|ours - PyTorch| / max|PyTorch| of the logits, at most ${LIMIT}, by batch x pixels;
gates: 5 % to 95 % quantile; images: how far two images' logits differ, in deviations of the logits\n`);
const compared = chosen.length > 0 ? await compareAll(chosen) : [];
const mutations = faulty.length > 0 ? await mutateAll(faulty) : [];

const raw = { limit: LIMIT, fault: FAULT, inputs, compared, mutations };
if (filters.length === 0) {
  const folder = fileURLToPath(new URL("../docs/data/", import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}parity.json`, `${JSON.stringify(raw, null, 1)}\n`);
}
const results = [...compared, ...mutations];
const failed = results.filter(({ passed }) => !passed).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
