// npm run bench:weights: `se-onnx build --weights FILE` as a whole process, beside copying FILE with cp, taking turns, each to a name that is not
// there yet: SE-ResNet-50 from safetensors and from .pth, VGG-16 from safetensors, with random checkpoints made here. What counts is the time beyond
// that of `se-onnx --version`, in copies, and the peak memory. Prints a table and writes docs/data/weights-bench.json.

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { inFolder } from "../parity/folder.mjs";
import { cli } from "../parity/product.mjs";
import { table } from "../parity/table.mjs";
import { stateDict, writeSafetensors, writeTorch } from "./checkpoint.mjs";
import { measureAll, number, peakBy, processor, record } from "./processes.mjs";

const ROUNDS = 7;

/** What `docs` promise: copies that a build may take, MiB that it may hold. */
const cases = /** @type {const} */ ([
  { backbone: "seresnet50", file: "seresnet50.safetensors", options: [], copies: 3, peakMiB: 150 },
  { backbone: "seresnet50", file: "seresnet50.pth", options: [], copies: 4, peakMiB: 150 },
  { backbone: "vgg16", file: "vgg16.safetensors", options: ["--no-se"], copies: null, peakMiB: 150 },
]);

/** @param {string} folder */
async function makeCheckpoints(folder) {
  const se = await stateDict("seresnet50");
  await writeSafetensors(join(folder, "seresnet50.safetensors"), se);
  await writeTorch(join(folder, "seresnet50.pth"), se);
  await writeSafetensors(join(folder, "vgg16.safetensors"), await stateDict("vgg16", { se: null }));
}

/** @param {string} folder @param {typeof cases[number]} of */
function programs(folder, { backbone, file, options }) {
  const [from, copy, model] = [join(folder, file), join(folder, `copy-of-${file}`), join(folder, `${file}.onnx`)];
  const args = [cli, "build", "--backbone", backbone, ...options, "--weights", from, "-o", model];
  return [
    { name: `cp ${file}`, command: "cp", args: [from, copy], file: copy },
    { name: `se-onnx build --weights ${file}`, command: process.execPath, args, file: model },
  ];
}

if (!existsSync(cli)) {
  console.error("dist/cli/main.js is not there: run npm run build first");
  process.exit(2);
}
const { rows, sizes } = await inFolder(async (folder) => {
  await makeCheckpoints(folder);
  const version = { name: "se-onnx --version", command: process.execPath, args: [cli, "--version"], file: null };
  const measured = await measureAll([version, ...cases.flatMap((of) => programs(folder, of))], ROUNDS);
  return {
    rows: measured,
    sizes: await Promise.all(cases.map(async ({ file }) => (await stat(join(folder, file))).size)),
  };
});

console.log(
  `Whole processes, medians of ${ROUNDS} rounds in turn; Node ${process.versions.node}, ${cpus().length} x ${processor}; peak by ${peakBy ?? "nothing: not measured"}\n`,
);
const row = table([
  ["process", 46],
  ["seconds", 7],
  ["min-max", 11],
  ["peak MiB", 8],
]);
for (const { name, seconds, secondsMin, secondsMax, peakMiB } of rows)
  console.log(row(name, number(seconds, 2), `${number(secondsMin, 2)}-${number(secondsMax, 2)}`, number(peakMiB, 0)));

const [version, ...others] = rows;
const results = cases.map(({ file, copies, peakMiB }, i) => {
  const [copy, build] = others.slice(2 * i, 2 * i + 2);
  if (!version || !copy || !build) throw new Error(`${file} was not measured`);
  return {
    file,
    fileMiB: (sizes[i] ?? 0) / 2 ** 20,
    copies: (build.seconds - version.seconds) / copy.seconds,
    copiesOfFastest: (build.secondsMin - version.secondsMin) / copy.secondsMin,
    mostCopies: copies,
    peakMiB: build.peakMiB,
    mostPeakMiB: peakMiB,
  };
});
console.log("\nBeyond se-onnx --version, in copies of the file by cp:");
for (const { file, fileMiB, copies, copiesOfFastest, mostCopies, peakMiB, mostPeakMiB } of results)
  console.log(
    `${file} (${number(fileMiB, 0)} MiB): ${number(copies, 2)} by medians, ${number(copiesOfFastest, 2)} by minima${mostCopies ? `, at most ${mostCopies} wanted` : ""}; peak ${number(peakMiB, 0)} MiB, at most ${mostPeakMiB} wanted`,
  );
await record("weights-bench.json", { rounds: ROUNDS, results, rows });
