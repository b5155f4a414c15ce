// npm run fuzz [-- COUNT [SEED [READER]]]: COUNT damaged files for each reader (100,000 unless given), made from seeds SEED (0), SEED + 1, ...
// Each must be read, or be refused with a UserError, within a second, in a heap of 256 MiB, and without asking for more than 64 MiB or twice the
// file at once. Exits 1 where one is not, and says which seed: the same seed makes the same file again, with COUNT 1.

import { Worker } from "node:worker_threads";
import { table } from "../parity/table.mjs";
import { library } from "./library.mjs";
import { readers } from "./readers.mjs";

/** Milliseconds without a mutant done after which a reader counts as hanging: far above the limit for one, as the machine may be busy. */
const PATIENCE = 30_000;
/** Faults that are shown of one reader. */
const SHOWN = 3;

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

/** @typedef {{ seed: number, fault: string }} Fault */

/**
 * Reads the mutants of seeds [from, end) until one hangs or ends the worker; gives the seed behind the last that was tried.
 * @param {string} name
 * @param {number} from
 * @param {number} end
 * @param {Float64Array} counts  the seed that is read, then what has been: read, refused, milliseconds of the slowest, bytes of the largest allocation
 * @param {Fault[]} faults
 * @returns {Promise<number>}
 */
function run(name, from, end, counts, faults) {
  return new Promise((resolve) => {
    const resourceLimits = { maxOldGenerationSizeMb: 256 };
    const workerData = { name, seed: from, end, counts };
    const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData, resourceLimits });
    let [last, since] = [-1, performance.now()];
    const giveUp = async (/** @type {string} */ fault) => {
      clearInterval(watch);
      await worker.terminate();
      const at = counts[0] ?? from;
      faults.push({ seed: at, fault });
      resolve(at + 1);
    };
    const watch = setInterval(() => {
      const now = counts[0] ?? from;
      if (now !== last) [last, since] = [now, performance.now()];
      else if (performance.now() - since > PATIENCE) giveUp(`still at it after ${PATIENCE} ms`);
    }, 100);
    worker.on("message", (/** @type {Fault | null} */ fault) => {
      if (fault) faults.push(fault);
      else {
        clearInterval(watch);
        resolve(end);
      }
    });
    worker.once("error", (error) => giveUp(error.stack ?? error.message));
  });
}

const row = table([
  ["reader", 14],
  ["read", 8],
  ["refused", 8],
  ["faults", 8],
  ["slowest ms", 10],
  ["largest MiB", 11],
  ["seconds", 8],
]);
let wrong = 0;
for (const name of names) {
  const start = performance.now();
  const counts = new Float64Array(new SharedArrayBuffer(5 * 8));
  /** @type {Fault[]} */
  const faults = [];
  for (let at = seed; at < seed + count; ) {
    counts[0] = at;
    at = await run(name, at, seed + count, counts, faults);
  }
  const [, read = 0, refused = 0, slowest = 0, largest = 0] = counts;
  const seconds = (performance.now() - start) / 1000;
  console.log(
    row(name, read, refused, faults.length, slowest.toFixed(0), (largest / 2 ** 20).toFixed(2), seconds.toFixed(1)),
  );
  for (const { seed: at, fault } of faults.slice(0, SHOWN))
    console.log(`  npm run fuzz -- 1 ${at} '${name}'\n  ${fault.replaceAll("\n", "\n  ")}`);
  wrong += faults.length;
}
process.exit(wrong ? 1 : 0);
