// A temporary folder that never outlives its use.

import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Calls `use` with a temporary folder and removes it afterwards, also when the process is told to end (which exits with
 * 128 and the signal's number: 130 on Ctrl-C).
 * @template T
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function inFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "se-onnx-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  /** @param {NodeJS.Signals} signal */
  const interrupt = (signal) => remove().finally(() => process.exit(128 + constants.signals[signal]));
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await use(folder);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    await remove();
  }
}
