import { mutant } from "./mutate.mjs";

/**
 * What reading one mutant came to: a sentence where it is neither read nor refused, or takes too long.
 * @param {import("./readers.mjs").Reader} reader
 * @param {number} seed
 * @param {new (message: string) => Error} UserError
 * @returns {Promise<import("./run.mjs").Outcome>}
 */
export async function readMutant({ inputs, kinds, read, limit = 1000 }, seed, UserError) {
  const bytes = mutant(inputs, seed, kinds);
  const start = performance.now();
  const error = await read(bytes).then(
    () => null,
    (/** @type {unknown} */ e) => e ?? new Error("nothing was thrown"),
  );
  const ms = performance.now() - start;
  if (ms > limit) return { outcome: "fault", fault: `took ${ms.toFixed(0)} ms` };
  if (error === null) return { outcome: "read" };
  if (error instanceof UserError && error.message) return { outcome: "refused" };
  return { outcome: "fault", fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
