import { allowed } from "./allocations.mjs";
import { mutant } from "./mutate.mjs";

/**
 * What reading one mutant came to: a sentence where it is neither read nor refused, or takes too much processor time or memory.
 * @param {import("./readers.mjs").Reader} reader
 * @param {number} seed
 * @param {import("./run.mjs").Watch} watch
 * @returns {Promise<import("./run.mjs").Outcome>}
 */
export async function readMutant({ inputs, kinds, read, limit = 1000, memory = 0 }, seed, { UserError, allocations }) {
  const bytes = mutant(inputs, seed, kinds);
  allocations.take();
  const start = process.cpuUsage();
  const error = await read(bytes).then(
    () => null,
    (/** @type {unknown} */ e) => e ?? new Error("nothing was thrown"),
  );
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  const largest = allocations.take();
  const fault = (/** @type {string} */ text) => ({ outcome: /** @type {const} */ ("fault"), fault: text, ms, largest });
  if (ms > limit) return fault(`took ${ms.toFixed(0)} ms`);
  if (largest > Math.max(memory, allowed(bytes.length)))
    return fault(`asked for ${largest} bytes at once, for a file of ${bytes.length}`);
  if (error === null) return { outcome: "read", ms, largest };
  if (error instanceof UserError && error.message) return { outcome: "refused", ms, largest };
  return fault(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
