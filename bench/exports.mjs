// npm run bench:exports [-- NETWORK...] [--rounds 3] [--seconds 2] [--batch 1,8] [--threads 1,2] [--exporter torchscript|dynamo] [--data NAME]: the time of
// networks that torch.onnx exported, in ONNX Runtime's CPU provider, as they are, after OnnxSlim, after onnxsim, and after `se-onnx optimize` for
// the targets cpu and ort-cpu, each in ONNX Runtime alone; and of the file as exported through se-onnx's `open`. One session is alive at a time,
// each in a process of its own, the forms take turns, and a form's time in a round is the 10th percentile of its runs. A ratio is over the file as
// exported; in brackets its least and largest of a round.
// Needs a Python with torch, timm, onnxslim and onnxsim (SE_ONNX_PYTHON); says how to get them and exits 0 where it has not. Writes
// docs/data/exports.json, or docs/data/NAME, after each network.

import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { inFolder } from "../parity/folder.mjs";
import { cli } from "../parity/product.mjs";
import { missing, runPython } from "../parity/python.mjs";
import { table } from "../parity/table.mjs";
import { record } from "./processes.mjs";

const child = fileURLToPath(new URL("se-run.mjs", import.meta.url));
const execute = promisify(execFile);
/** @param {string[]} args */
const node = async (args) => JSON.parse((await execute(process.execPath, args, { maxBuffer: 2 ** 26 })).stdout);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    batch: { type: "string", default: "1,8" },
    threads: { type: "string", default: "1,2" },
    exporter: { type: "string", default: "torchscript" },
    data: { type: "string", default: "exports.json" },
  },
});
const NETWORKS =
  "se_resnet50 seresnet50 seresnext50_32x4d senet154 efficientnet_b0 mobilenetv3_large_100 regnety_008".split(" ");
const networks = positionals.length ? positionals : NETWORKS;
const rounds = Number(values.rounds);

/** @param {string} target @returns {(from: string, to: string) => Promise<any>} */
const optimize = (target) => async (from, to) => {
  const { passes, nodesBefore, nodesAfter, verified } = await node([
    cli,
    "optimize",
    from,
    to,
    "--target",
    target,
    "--json",
  ]);
  return { passes, nodesBefore, nodesAfter, verified };
};
/** @param {string} tool @returns {(from: string, to: string) => Promise<any>} */
const slim = (tool) => (from, to) => runPython("slimmed.py", [tool, from, to]);
/** Ways to write a file anew, the file itself first. @type {Readonly<Record<string, (from: string, to: string) => Promise<any>>>} */
const FORMS = {
  "as exported": copyFile,
  onnxslim: slim("onnxslim"),
  onnxsim: slim("onnxsim"),
  "se-onnx, target cpu": optimize("cpu"),
  "se-onnx, target ort-cpu": optimize("ort-cpu"),
  "opened by se-onnx": copyFile,
};
/** @param {string} form */
const wayOf = (form) => (form === "opened by se-onnx" ? "open" : "session");

/** @param {readonly number[]} times @param {number} share */
function percentile(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

/** @param {string} network @param {string} batch @param {string} folder */
async function write(network, batch, folder) {
  await runPython("exports.py", [folder, values.exporter, batch, network]);
  const original = join(folder, `${network.replace("/", "-")}.onnx`);
  const files = [];
  for (const [form, make] of Object.entries(FORMS)) {
    const file = join(folder, `${form.replaceAll(/\W+/g, "-")}.onnx`);
    const done = await make(original, file);
    files.push({ form, file, done: done || null, times: /** @type {number[]} */ ([]) });
  }
  return files;
}

/** @param {Awaited<ReturnType<typeof write>>} files @param {string} batch @param {string} threads */
async function measure(files, batch, threads) {
  /** @param {typeof files[number]} of @param {string} seconds */
  const run = ({ file, form }, seconds) => node([child, file, batch, threads, seconds, wayOf(form)]);
  for (const of of files) {
    of.times = [];
    if (wayOf(of.form) === "open") await run(of, "0"); // the first time it makes its own file
  }
  for (let round = 0; round < rounds; round++)
    for (const of of files) of.times.push(percentile(await run(of, values.seconds), 0.1));
  const base = files[0]?.times ?? [];
  return files.map(({ form, times, done }) => {
    const ratios = times.map((ms, i) => ms / (base[i] ?? Number.NaN));
    const ms = percentile(times, 0.1);
    const ratio = ms / percentile(base, 0.1);
    return { form, ms, ratio, low: Math.min(...ratios), high: Math.max(...ratios), rounds: times, done };
  });
}

const absent = await missing(["torch", "timm", "onnxslim", "onnxsim"]);
if (absent) {
  console.log(`bench:exports skipped: ${absent}`);
  process.exit(0);
}
const row = table([
  ["network", 22],
  ["batch", 5],
  ["threads", 7],
  ["form", 24],
  ["ms", 8],
  ["ratio", 6],
]);
const results = [];
for (const network of networks) {
  for (const batch of values.batch.split(","))
    await inFolder(async (folder) => {
      const files = await write(network, batch, folder);
      for (const threads of values.threads.split(","))
        for (const found of await measure(files, batch, threads)) {
          results.push({ network, batch: Number(batch), threads: Number(threads), ...found });
          const spread = `(${found.low.toFixed(3)}-${found.high.toFixed(3)})`;
          console.log(row(network, batch, threads, found.form, found.ms.toFixed(1), found.ratio.toFixed(3), spread));
        }
    });
  await record(values.data, { exporter: values.exporter, rounds, seconds: Number(values.seconds), results });
}
