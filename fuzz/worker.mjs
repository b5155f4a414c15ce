// Reads the mutants of one reader; the main thread watches that it gets on.

import { parentPort, workerData } from "node:worker_threads";
import { watchAllocations } from "./allocations.mjs";
import { library } from "./library.mjs";
import { readers } from "./readers.mjs";
import { readMutant } from "./run.mjs";

/** @type {{ name: string, seed: number, end: number, counts: Float64Array }} where `counts` are those that fuzz.mjs names */
const { name, seed, end, counts } = workerData;
const { UserError, ...lib } = await library();
const reader = readers({ UserError, ...lib }).find((r) => r.name === name);
if (!reader) throw new Error(`there is no reader '${name}'`);
const watch = { UserError, allocations: watchAllocations() };

const add = (/** @type {number} */ at) => {
  counts[at] = (counts[at] ?? 0) + 1;
};
for (let at = seed; at < end; at++) {
  counts[0] = at;
  const result = await readMutant(reader, at, watch);
  if (result.outcome === "fault") parentPort?.postMessage({ seed: at, fault: result.fault });
  else add(result.outcome === "read" ? 1 : 2);
  counts[3] = Math.max(counts[3] ?? 0, result.ms);
  counts[4] = Math.max(counts[4] ?? 0, result.largest);
}
parentPort?.postMessage(null);
