// npm run fuzz [-- COUNT [SEED [READER]]]: COUNT damaged files for each reader (100,000 unless given), made from seeds SEED (0), SEED + 1, ...
// Each must be read, or be refused with a UserError, within a second. Exits 1 where one is not, and says which seed: the same seed makes
// the same file again, with COUNT 1.

import { Worker } from "node:worker_threads";
import { table } from "../parity/table.mjs";
import { library } from "./library.mjs";
import { readers } from "./readers.mjs";

/** Milliseconds without a mutant done after which a reader counts as hanging: far above the limit for one, as the machine may be busy. */
const PATIENCE = 30_000;

const [count = 100_000, seed = 0] = process.argv.slice(2, 4).map(Number);
const only = process.argv[4];
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed) || count < 1 || seed < 0) {
  console.error("usage: npm run fuzz -- [COUNT [SEED [READER]]], where COUNT is 1 or more and SEED 0 or more");
  process.exit(2);
}
const names = readers(await library())
  .map((r) => r.name)
  .filter((name) => !only || name === only);
if (!names.length) {
  console.error(`there is no reader '${only}'`);
  process.exit(2);
}

/**
 * @param {string} name
 * @returns {Promise<{ read: number, refused: number, faults: number, first: { seed: number, fault: string } | null }>}
 */
function fuzz(name) {
  return new Promise((resolve, reject) => {
    const progress = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { name, seed, count, progress } });
    let [last, since] = [-1, performance.now()];
    const watch = setInterval(async () => {
      const now = Atomics.load(progress, 0);
      if (now !== last) [last, since] = [now, performance.now()];
      else if (performance.now() - since > PATIENCE) {
        clearInterval(watch);
        await worker.terminate();
        resolve({
          read: 0,
          refused: 0,
          faults: 1,
          first: { seed: seed + now, fault: `still at it after ${PATIENCE} ms` },
        });
      }
    }, 100);
    const done = (/** @type {() => void} */ settle) => {
      clearInterval(watch);
      settle();
    };
    worker.once("message", (counts) => done(() => resolve(counts)));
    worker.once("error", (error) => done(() => reject(error)));
  });
}

const row = table([
  ["reader", 14],
  ["read", 8],
  ["refused", 8],
  ["faults", 8],
  ["seconds", 8],
]);
let faults = 0;
for (const name of names) {
  const start = performance.now();
  const { read, refused, faults: wrong, first } = await fuzz(name);
  console.log(row(name, read, refused, wrong, ((performance.now() - start) / 1000).toFixed(1)));
  if (first)
    console.log(`  first at: npm run fuzz -- 1 ${first.seed} '${name}'\n  ${first.fault.replaceAll("\n", "\n  ")}`);
  faults += wrong;
}
process.exit(faults ? 1 : 0);
