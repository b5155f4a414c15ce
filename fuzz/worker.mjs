// Reads the mutants of one reader; the main thread watches that it gets on.

import { parentPort, workerData } from "node:worker_threads";
import { library } from "./library.mjs";
import { readers } from "./readers.mjs";
import { readMutant } from "./run.mjs";

/** @type {{ name: string, seed: number, count: number, progress: Int32Array }} */
const { name, seed, count, progress } = workerData;
const lib = await library();
const reader = readers(lib).find((r) => r.name === name);
if (!reader) throw new Error(`there is no reader '${name}'`);

const counts = { read: 0, refused: 0, faults: 0, first: /** @type {{ seed: number, fault: string } | null} */ (null) };
for (let i = 0; i < count; i++) {
  Atomics.store(progress, 0, i);
  const result = await readMutant(reader, seed + i, lib.UserError);
  if (result.outcome !== "fault") counts[result.outcome]++;
  else {
    counts.faults++;
    counts.first ??= { seed: seed + i, fault: result.fault };
  }
}
parentPort?.postMessage(counts);
