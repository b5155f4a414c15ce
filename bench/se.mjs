// npm run bench:se [-- NETWORK...] [--rounds 5] [--seconds 2] [--batch 1,8] [--threads 1,2]: what SE costs in ONNX Runtime's CPU provider: the time of a
// network with SE over that of the same network without, in the forms that se-onnx writes. One session is alive at a time, each in a process of its
// own, and the forms take turns; a form's time in a round is the 10th percentile of its runs, since other programs only add time.
// Writes docs/data/se-cost.json.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { backbones } from "../dist/models/index.js";
import { blockLayout } from "../dist/src/graph/passes/block-layout.js";
import { gateToConv } from "../dist/src/graph/passes/gate-to-conv.js";
import { hoistSqueeze } from "../dist/src/graph/passes/hoist-squeeze.js";
import { padHidden } from "../dist/src/graph/passes/pad-hidden.js";
import { removeDeadCode } from "../dist/src/graph/passes/remove-dead-code.js";
import { buildModel } from "../dist/src/index.js";
import { writeModel } from "../dist/src/node.js";
import { inFolder } from "../parity/folder.mjs";
import { record } from "./processes.mjs";

const child = fileURLToPath(new URL("se-run.mjs", import.meta.url));
const execute = promisify(execFile);

const cpu = [gateToConv, hoistSqueeze, removeDeadCode];
const ortCpu = [...cpu, padHidden, blockLayout];
/** @type {{name: string, se: boolean, passes: import("../dist/src/index.js").Pass[]}[]} */
const FORMS = [
  { name: "plain", se: false, passes: [] },
  { name: "SE as built", se: true, passes: [] },
  { name: "SE, target cpu", se: true, passes: cpu },
  { name: "SE, target ort-cpu", se: true, passes: ortCpu },
  { name: "plain, target ort-cpu", se: false, passes: ortCpu },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    batch: { type: "string", default: "1,8" },
    threads: { type: "string", default: "1,2" },
  },
});
const networks = positionals.length ? positionals : ["resnet50"];
/** @param {string} list */
const numbers = (list) => list.split(",").map(Number);

/** @param {number[]} times @param {number} share */
function percentile(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

/** @param {string} network @param {number} batch @param {string} folder */
async function write(network, batch, folder) {
  const backbone = backbones.find(({ name }) => name === network);
  if (!backbone) throw new Error(`there is no backbone '${network}'`);
  const files = [];
  for (const { name, se, passes } of FORMS) {
    const { graph } = buildModel(network, await backbone.load(), { batch, ...(se ? {} : { se: null }) });
    const skipped = passes.flatMap((pass) => pass.run(graph).skipped);
    const file = join(folder, `${name.replaceAll(/\W+/g, "-")}-${batch}.onnx`);
    await writeModel(graph, file, { hash: false });
    files.push({ name, file, skipped: skipped.length });
  }
  return files;
}

/** @param {string} network @param {number} batch @param {number} threads @param {{name: string, file: string, skipped: number}[]} files */
async function measure(network, batch, threads, files) {
  /** @type {Map<string, number[]>} */
  const rounds = new Map(files.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const { name, file } of files) {
      const args = [child, file, String(batch), String(threads), values.seconds];
      const { stdout } = await execute(process.execPath, args, { maxBuffer: 2 ** 24 });
      rounds.get(name)?.push(percentile(JSON.parse(stdout), 0.1));
    }
  const plain = rounds.get("plain") ?? [];
  return files.map(({ name, skipped }) => {
    const ms = rounds.get(name) ?? [];
    const ratios = ms.map((m, i) => m / (plain[i] ?? Number.NaN));
    const ratio = percentile(ms, 0.1) / percentile(plain, 0.1);
    return {
      network,
      batch,
      threads,
      form: name,
      ms: percentile(ms, 0.1),
      ratio,
      low: Math.min(...ratios),
      high: Math.max(...ratios),
      skipped,
      rounds: ms,
    };
  });
}

const results = [];
console.log("network         batch threads  form                          ms  ratio  (rounds)");
for (const network of networks)
  for (const batch of numbers(values.batch))
    await inFolder(async (folder) => {
      const files = await write(network, batch, folder);
      for (const threads of numbers(values.threads))
        for (const row of await measure(network, batch, threads, files)) {
          results.push(row);
          const spread = `(${row.low.toFixed(3)}-${row.high.toFixed(3)})`;
          console.log(
            `${network.padEnd(16)}${String(batch).padStart(5)}${String(threads).padStart(8)}  ${row.form.padEnd(24)}${row.ms.toFixed(1).padStart(8)}  ${row.ratio.toFixed(3)}  ${spread}${row.skipped ? `  ${row.skipped} places declined` : ""}`,
          );
        }
    });
await record("se-cost.json", { rounds: Number(values.rounds), seconds: Number(values.seconds), results });
