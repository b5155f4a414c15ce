// npm run parity:goldens [-- NAME...]: writes test/models/goldens/parity, by which npm test compares se-onnx with PyTorch without PyTorch.
// NAME keeps the goldens whose name contains it.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cases } from "./cases.mjs";
import { missing, runPython } from "./python.mjs";

const folder = fileURLToPath(new URL("../test/models/goldens/parity/", import.meta.url));
/** Few, so that the logits need little room. */
const CLASSES = 40;

const filters = process.argv.slice(2);
const absent = await missing(["torch", "torchvision", "timm"]);
if (absent) {
  console.error(absent);
  process.exit(1);
}
await mkdir(folder, { recursive: true });
for (const { golden, inputs, ...of } of cases) {
  if (!golden || (filters.length > 0 && !filters.some((filter) => golden.includes(filter)))) continue;
  await runPython("golden.py", [JSON.stringify({ ...of, classes: CLASSES, inputs }), `${folder}${golden}.json`]);
  console.log(golden);
}
