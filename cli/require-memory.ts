import { readModel } from "../src/export/node/read-model.js";
import { UserError } from "../src/graph/error.js";
import { inferShapes } from "../src/graph/infer-shapes.js";
import { workingBytes } from "../src/graph/working-bytes.js";
import { bytes, count } from "./format.js";

/** Devices that compute in this machine's own memory. */
const HERE: ReadonlySet<string> = new Set(["cpu", "wasm"]);

/** Throws a UserError where a run of `batch` images at a time needs more memory than is free here, before hours go by until the system says so. */
export async function requireMemory(model: string, batch: number, device: string): Promise<void> {
  if (!device.split(",").every((name) => HERE.has(name.trim()))) return;
  const { graph, close } = await readModel(model);
  try {
    inferShapes(graph);
    const needed = workingBytes(graph, batch);
    const free = process.availableMemory();
    if (needed > free)
      throw new UserError(
        `'${model}' needs at least ${bytes(needed)} of memory for ${count(batch)} images at a time, and ${bytes(free)} are free: give a smaller --batch`,
      );
  } finally {
    await close();
  }
}
