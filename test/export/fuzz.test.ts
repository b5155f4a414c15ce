import { afterAll, expect, test } from "vitest";
import { watchAllocations } from "../../fuzz/allocations.mjs";
import { readers } from "../../fuzz/readers.mjs";
import { readMutant } from "../../fuzz/run.mjs";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { ModelProto } from "../../src/export/schema.js";
import { readMessage } from "../../src/export/span.js";
import { readNpz } from "../../src/export/weights/npz.js";
import { readWeights } from "../../src/export/weights/read-weights.js";
import { readSafetensors } from "../../src/export/weights/safetensors.js";
import { readTorch } from "../../src/export/weights/torch.js";
import { check } from "../../src/graph/check.js";
import { UserError } from "../../src/graph/error.js";
import { targets } from "../../src/graph/targets.js";
import { decodeImage } from "../../src/infer/node/decode-image.js";
import { decodeNpy, encodeNpy } from "../../src/infer/npy.js";
import { optimize, planPasses, specialise } from "../../src/optimize.js";
import { cpuMs } from "../cpu-time.js";

/** `npm run fuzz` reads 100,000 mutants of each kind. */
const COUNT = 500;
const lib = {
  decode,
  encodeToBytes,
  readMessage,
  ModelProto,
  readSafetensors,
  readTorch,
  readNpz,
  readWeights,
  decodeNpy,
  encodeNpy,
  decodeImage,
  check,
  optimize,
  planPasses,
  specialise,
  targets,
  UserError,
};

const watch = { UserError, allocations: watchAllocations() };
afterAll(watch.allocations.restore);

test.each(readers(lib).map((r) => [r.name, r] as const))(
  "%s: a damaged file is read or refused with a UserError, in time and within bounds",
  async (_, reader) => {
    const counts = { read: 0, refused: 0 };
    const faults: string[] = [];
    for (let seed = 0; seed < COUNT; seed++) {
      const result = await readMutant(reader, seed, watch);
      if (result.outcome === "fault") faults.push(`seed ${seed}: ${result.fault}`);
      else counts[result.outcome]++;
    }
    expect(faults).toEqual([]);
    expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(COUNT / 20); // the mutants are neither harmless nor hopeless
  },
);

test("a reader at fault is noticed: one that throws another error, one that throws nothing of use, one that is slow, one that takes much memory", async () => {
  const at = (read: () => Promise<void>, limit?: number): Promise<unknown> =>
    readMutant(
      { name: "r", inputs: [Uint8Array.of(1, 2, 3)], kinds: ["flip"], read, ...(limit ? { limit } : {}) },
      1,
      watch,
    );
  const fault = (text: string): object => ({ outcome: "fault", fault: expect.stringContaining(text) });
  expect(await at(async () => {})).toMatchObject({ outcome: "read" });
  expect(await at(() => Promise.reject(new UserError("no")))).toMatchObject({ outcome: "refused" });
  const wrong = new RangeError("index out of range");
  expect(await at(() => Promise.reject(wrong))).toMatchObject(fault("index out of range"));
  expect(await at(() => Promise.reject(new UserError("")))).toMatchObject(fault("UserError"));
  expect(await at(() => Promise.reject(undefined))).toMatchObject(fault("nothing was thrown"));
  const slow = async (): Promise<void> => {
    for (const start = cpuMs(); cpuMs() - start < 30; );
  };
  expect(await at(slow, 10)).toMatchObject(fault("took"));
  const large = async (): Promise<void> => void new Float32Array(2 ** 25);
  expect(await at(large)).toMatchObject(fault("asked for 134217728 bytes at once, for a file of 3"));
});

test("every way to ask for memory is noticed, and a view of memory is none", () => {
  const KIB = 1024;
  const sizes = (f: () => unknown): number => {
    watch.allocations.take();
    f();
    return watch.allocations.take();
  };
  const some = new Uint8Array(4 * KIB);
  expect(sizes(() => new ArrayBuffer(3 * KIB))).toBe(3 * KIB);
  expect(sizes(() => new Float64Array(KIB))).toBe(8 * KIB);
  expect(sizes(() => Uint16Array.from({ length: KIB }))).toBe(2 * KIB);
  expect(sizes(() => Buffer.alloc(5 * KIB))).toBe(5 * KIB);
  expect(sizes(() => some.slice(KIB))).toBe(3 * KIB);
  expect(sizes(() => some.map((b) => b))).toBe(4 * KIB);
  expect(sizes(() => Array.from({ length: KIB }))).toBe(8 * KIB);
  expect(sizes(() => new TextDecoder().decode(some))).toBe(8 * KIB);
  expect(sizes(() => some.subarray(KIB))).toBe(0);
  expect(sizes(() => new Uint8Array(some.buffer, 1))).toBe(0);
});
