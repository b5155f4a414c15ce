// npm run parity:zoos [-- NAME...]: imports checkpoints that PyTorch, torchvision, timm, Cadene's package and safetensors saved, by
// `se-onnx build --weights FILE` alone, and compares the outputs with those of the networks that saved them.
// NAME keeps the cases whose name contains it. docs/data/zoos.json has the last result of every case: a run that was interrupted, or of
// some cases only, leaves the others as they were.
// Exits 0 when all pass or the reference packages are absent (it says how to get them), 1 when one fails, 2 on bad options.

import { existsSync } from "node:fs";
import { cli } from "./product.mjs";
import { missing } from "./python.mjs";
import { cases } from "./zoos-cases.mjs";
import { compareZoos } from "./zoos-table.mjs";

const filters = process.argv.slice(2);
const absent = await missing(["torch", "torchvision", "timm", "safetensors"]);
if (absent) {
  console.log(`parity of the zoos skipped: ${absent}`);
  process.exit(0);
}
if (!existsSync(cli)) {
  console.error(`${cli} is not there: run npm run build first`);
  process.exit(2);
}
const chosen = cases.filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter)));
if (chosen.length === 0) {
  const names = cases.map(({ name }) => name).join(", ");
  console.error(`no case is called '${filters.join("' or '")}'; choose from: ${names}`);
  process.exit(2);
}

console.log("error: max|ours - PyTorch| / max|PyTorch| of the outputs; least fault: the same with a deliberate fault");
const results = await compareZoos(chosen);
const failed = results.filter(({ passed }) => !passed).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
