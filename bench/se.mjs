// npm run bench:se [-- --networks resnet50,vgg16] [--cells 1x1,1x2,8x1,8x2] [--rounds 5] [--seconds 2] [--series 1] [--resume]: what SE costs on a processor: the time
// of a network with SE over that of the same network without, in the same form (se-forms.mjs). A cell is BATCHxTHREADS. One session is alive at a time,
// each in a process of its own, and the forms take turns; a form's time in a round is the 10th percentile of its runs, since other programs only
// add time. Writes docs/data/se-cost.json after each network; --resume leaves out the series of networks that are in it, so that a long run can be cut.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { inFolder } from "../parity/folder.mjs";
import { record } from "./processes.mjs";
import { writePairs } from "./se-forms.mjs";

const NETWORKS = "resnet18,resnet50,resnet101,resnext50_32x4d,senet154,vgg16,googlenet";
const { values } = parseArgs({
  options: {
    networks: { type: "string", default: NETWORKS },
    cells: { type: "string", default: "1x1,1x2,8x1,8x2" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    series: { type: "string", default: "1" },
    resume: { type: "boolean", default: false },
  },
});
const child = fileURLToPath(new URL("se-run.mjs", import.meta.url));
const execute = promisify(execFile);
const cells = values.cells.split(",").map((cell) => {
  const [batch = 1, threads = 1] = cell.split("x").map(Number);
  return { batch, threads };
});

/** @param {readonly number[]} times */
function tenthPercentile(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(0.1 * (sorted.length - 1))] ?? Number.NaN;
}

/** @param {{batch: number, threads: number}} cell @param {string} folder @param {readonly import("./se-forms.mjs").Pair[]} pairs */
async function measure({ batch, threads }, folder, pairs) {
  const files = [...new Set(pairs.flatMap(({ plain, se }) => [plain, se]))];
  for (const timed of files) timed.times.length = 0;
  /** @param {import("./se-forms.mjs").Timed} timed @param {string} seconds */
  async function run({ file, way }, seconds) {
    const args = [child, file, `${batch}`, `${threads}`, seconds, way];
    const env = { ...process.env, XDG_CACHE_HOME: folder }; // what `open` makes goes with the folder
    return JSON.parse((await execute(process.execPath, args, { maxBuffer: 2 ** 24, env })).stdout);
  }
  for (const timed of files) if (timed.way === "open") await run(timed, "0"); // the first time it makes the file
  for (let round = 0; round < Number(values.rounds); round++)
    for (const timed of files) timed.times.push(tenthPercentile(await run(timed, values.seconds)));
  return pairs.map(({ form, plain, se, declined }) => {
    const ratios = se.times.map((ms, i) => ms / (plain.times[i] ?? Number.NaN));
    const ratio = tenthPercentile(se.times) / tenthPercentile(plain.times);
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
    const rounds = { plain: [...plain.times], se: [...se.times] };
    return { batch, threads, form: form.name, ratio, low, high, ms: tenthPercentile(se.times), rounds, declined };
  });
}

/** @param {{network: string, series: number}} of */
async function measureSeries({ network, series }) {
  const rows = [];
  for (const batch of new Set(cells.map((cell) => cell.batch)))
    await inFolder(async (folder) => {
      const pairs = await writePairs(network, batch, folder);
      for (const cell of cells.filter((c) => c.batch === batch))
        for (const row of await measure(cell, folder, pairs)) {
          rows.push({ network, series, seconds: Number(values.seconds), ...row });
          const spread = `(${row.low.toFixed(3)}-${row.high.toFixed(3)})`;
          const where = `${network.padEnd(16)}${`${cell.batch}x${cell.threads}`.padEnd(6)}`;
          console.log(
            `${where}${row.form.padEnd(13)}${row.ms.toFixed(1).padStart(8)}  ${row.ratio.toFixed(3)}  ${spread}`,
          );
        }
    });
  return rows;
}

/** @returns {Promise<{network: string, series: number}[]>} */
const earlier = async () => {
  const file = new URL("../docs/data/se-cost.json", import.meta.url);
  return JSON.parse(await readFile(file, "utf8")).results;
};
const results = values.resume ? await earlier() : [];
const wanted = Array.from({ length: Number(values.series) }, (_, i) => i + 1).flatMap((series) =>
  values.networks.split(",").map((network) => ({ network, series })),
);
const left = wanted.filter((w) => !results.some((r) => r.network === w.network && r.series === w.series));
console.log("network         cell  form               ms  ratio  (rounds)");
for (const of of left) {
  results.push(...(await measureSeries(of)));
  await record("se-cost.json", { rounds: Number(values.rounds), results });
}
