// npm run bench:build: how long whole processes take to build an ONNX file, and their peak memory: `se-onnx build` against
// torch.onnx.export of the same network, taking turns, each to a file that is not there yet: replacing one makes ext4 write out the
// new one at once. Prints a table and writes docs/data/build.json.

import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inFolder } from "../parity/folder.mjs";
import { cli } from "../parity/product.mjs";
import { missing, pythonPath } from "../parity/python.mjs";
import { table } from "../parity/table.mjs";
import { measureAll, number, peakBy, processor, record } from "./processes.mjs";

const ROUNDS = 5;

/** @typedef {import("./processes.mjs").Program} Program */

/** @param {string} folder @param {string} backbone @returns {Program} */
function ours(folder, backbone) {
  const file = join(folder, `${backbone}.onnx`);
  const args = [cli, "build", "--backbone", backbone, "--r", "16", "--batch", "dynamic", "-o", file, "--json"];
  return { name: `se-onnx build se_${backbone}`, command: process.execPath, args, file };
}

/** @param {string} folder @returns {Program} */
function torch(folder) {
  const file = join(folder, "torch.onnx");
  const script = fileURLToPath(new URL("../parity/export_torch.py", import.meta.url));
  return { name: "torch.onnx.export se_resnet50", command: pythonPath(), args: ["-B", script, file], file };
}

if (!existsSync(cli)) {
  console.error("dist/cli/main.js is not there: run npm run build first");
  process.exit(2);
}
const absent = await missing(["torch", "torchvision"]);
const rows = await inFolder((folder) =>
  measureAll(
    [
      { name: "se-onnx --version", command: process.execPath, args: [cli, "--version"], file: null },
      ours(folder, "resnet50"),
      ...(absent ? [] : [torch(folder)]),
      ours(folder, "resnet152"),
      ours(folder, "resnext101_32x8d"),
    ],
    ROUNDS,
  ),
);

const base = rows.find(({ name }) => name === "se-onnx build se_resnet50");
const reference = rows.find(({ name }) => name.startsWith("torch"));
console.log(
  `Whole processes, medians of ${ROUNDS} rounds in turn; Node ${process.versions.node}, ${cpus().length} x ${processor}; peak by ${peakBy ?? "nothing: not measured"}\n`,
);
const row = table([
  ["process", 34],
  ["seconds", 7],
  ["min-max", 11],
  ["x ours", 6],
  ["peak MiB", 8],
  ["file MiB", 8],
]);
for (const { name, seconds, secondsMin, secondsMax, peakMiB, fileMiB } of rows) {
  const ratio = number(base && seconds / base.seconds, 2);
  const range = `${number(secondsMin, 2)}-${number(secondsMax, 2)}`;
  console.log(row(name, number(seconds, 2), range, ratio, number(peakMiB, 0), number(fileMiB, 1)));
}
if (absent) console.log(`\ntorch.onnx.export skipped: ${absent}`);

const ratio = base && reference ? reference.seconds / base.seconds : null;
if (ratio !== null) console.log(`\nse-onnx builds SE-ResNet-50 ${number(ratio, 1)} times as fast as torch.onnx.export`);
await record("build.json", { rounds: ROUNDS, torchSkipped: absent !== null, timesFasterThanTorch: ratio, rows });
