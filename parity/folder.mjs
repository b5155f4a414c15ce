// A temporary folder that never outlives its use.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Calls `use` with a temporary folder and removes it afterwards, also on Ctrl-C (which exits 130).
 * @template T
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function inFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "se-onnx-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const interrupt = () => remove().finally(() => process.exit(130));
  process.once("SIGINT", interrupt);
  try {
    return await use(folder);
  } finally {
    process.off("SIGINT", interrupt);
    await remove();
  }
}
