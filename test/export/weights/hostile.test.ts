import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Allocations, allowed, watchAllocations } from "../../../fuzz/allocations.mjs";
import { openWeights } from "../../../src/export/node/open-weights.js";
import { UserError } from "../../../src/graph/error.js";
import { cpuMs } from "../../cpu-time.js";
import type { Attack } from "./hostile/attack.js";
import { headers } from "./hostile/headers.js";
import { indexes } from "./hostile/indexes.js";
import { models } from "./hostile/models.js";
import { npys } from "./hostile/npys.js";
import { pickles } from "./hostile/pickles.js";
import { tars } from "./hostile/tars.js";
import { views } from "./hostile/views.js";
import { zips } from "./hostile/zips.js";

const goldens = fileURLToPath(new URL("../goldens/weights/", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "hostile-"));
const path = join(folder, "itself");
let allocations: Allocations;
let [slowest, most] = [0, 0];

beforeAll(async () => {
  for (const name of await readdir(goldens)) await copyFile(join(goldens, name), join(folder, name));
  await writeFile(join(folder, "weights.data"), new Uint8Array(16));
  allocations = watchAllocations();
});
afterAll(async () => {
  allocations.restore();
  console.log(`hostile files: slowest ${slowest.toFixed(0)} ms, largest allocation ${(most / 2 ** 20).toFixed(1)} MiB`);
  await rm(folder, { recursive: true });
});

/** The file, or what it leads to. */
const NAMED = /itself|evil-system\.pth|lost\.safetensors/;

/** Opens the file and reads every tensor; gives the sentence that refused it, null where none did, and the processor time that took. */
async function read(): Promise<{ readonly refusal: string | null; readonly ms: number }> {
  const start = cpuMs();
  let refusal: string | null = null;
  try {
    const { source, close } = await openWeights(path);
    for (const t of source.tensors.values()) await t.read(0, t.byteLength);
    await close();
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    refusal = e.message;
  }
  return { refusal, ms: cpuMs() - start };
}

describe.each([
  ["pickles", pickles],
  ["storages and views", views],
  ["zip archives", zips],
  ["arrays", npys],
  ["tar archives", tars],
  ["safetensors headers", headers],
  ["indexes", indexes],
  ["ONNX models", models],
])("%s that do harm: nothing is run, nothing takes long or much memory, and the place is named", (_, list) => {
  test.each(list.map((attack) => [attack.name, attack] as const))("%s", async (_, { file, refusal }: Attack) => {
    const bytes = file();
    await writeFile(path, bytes);
    allocations.take();
    const found = await read();
    const largest = allocations.take();
    [slowest, most] = [Math.max(slowest, found.ms), Math.max(most, largest)];
    expect(largest).toBeLessThanOrEqual(allowed(bytes.length));
    expect(found.ms).toBeLessThan(1000);
    if (refusal === null) expect(found.refusal).toBeNull();
    else expect(found.refusal).toContain(refusal);
    expect(found.refusal ?? path).toMatch(NAMED);
    expect(existsSync("evil-ran")).toBe(false);
  });
});
