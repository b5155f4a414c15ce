// npm run bench:open [-- NETWORK] [--rounds 5] [--images 32] [--batch 1] [--threads 2]: what opening a model costs and saves: as it is, in the fast
// form with nothing kept, and with the form kept; each time a process of its own, the three in turn. Then what `optimize --no-verify` takes of the same
// file. Prints medians and writes docs/data/open.json.

import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { inFolder } from "../parity/folder.mjs";
import { cli } from "../parity/product.mjs";
import { table } from "../parity/table.mjs";
import { measureAll, number, record } from "./processes.mjs";

const execute = promisify(execFile);
const child = fileURLToPath(new URL("open-run.mjs", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    images: { type: "string", default: "32" },
    batch: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
  },
});
const { images, batch, threads } = values;
const [network = "resnet50"] = positionals;
const rounds = Number(values.rounds);
const WAYS = [
  { name: "as it is", how: "plain", cold: false },
  { name: "fast, nothing kept", how: "fast", cold: true },
  { name: "fast, kept", how: "fast", cold: false },
];
/** @typedef {{loadMs: number, firstMs: number, runMs: number, rssMiB: number, madeMs: number | null, reason: string | null}} Run */
const FIGURES = /** @type {const} */ (["loadMs", "madeMs", "firstMs", "runMs", "rssMiB"]);

/** @param {readonly (number | null)[]} list */
function middle(list) {
  const sorted = list.flatMap((v) => (v === null ? [] : [v])).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

await inFolder(async (folder) => {
  const model = join(folder, "model.onnx");
  await execute(process.execPath, [cli, "build", "--backbone", network, "-o", model]);
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache") };
  /** @type {Map<string, Run[]>} */
  const runs = new Map(WAYS.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name, how, cold } of WAYS) {
      if (cold) await rm(env.XDG_CACHE_HOME, { recursive: true, force: true });
      const { stdout } = await execute(process.execPath, [child, model, how, threads, images, batch], { env });
      runs.get(name)?.push(JSON.parse(stdout));
    }
  const row = table([
    [`${network}, batch ${batch}, ${threads} threads`, 32],
    ["load ms", 8],
    ["made ms", 8],
    ["first ms", 8],
    ["run ms", 8],
    ["peak MiB", 8],
  ]);
  const results = Array.from(runs, ([name, taken]) => ({ name, runs: taken }));
  for (const { name, runs: taken } of results) {
    console.log(row(name, ...FIGURES.map((f) => number(middle(taken.map((r) => r[f])), 1))));
    const reason = taken.find((r) => r.reason)?.reason;
    if (reason) console.log(`  as it is: ${reason}`);
  }
  const file = join(folder, "optimized.onnx");
  const optimizing = await measureAll(
    ["portable", "ort-cpu"].map((target) => ({
      name: `optimize --target ${target} --no-verify`,
      command: process.execPath,
      args: [cli, "optimize", model, file, "--no-verify", "--target", target, "--batch", "1"],
      file,
    })),
    rounds,
  );
  for (const { name, seconds, peakMiB, fileMiB } of optimizing)
    console.log(
      `${name}: ${number(seconds, 2)} s, peak ${number(peakMiB, 0)} MiB, for a file of ${number(fileMiB, 1)} MiB`,
    );
  await record("open.json", { network, images, batch, threads, rounds, results, optimizing });
});
