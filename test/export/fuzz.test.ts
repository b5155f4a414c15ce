import { expect, test } from "vitest";
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
import { decodeImage } from "../../src/infer/node/decode-image.js";
import { decodeNpy, encodeNpy } from "../../src/infer/npy.js";

/** `npm run fuzz` reads 100,000 mutants of each kind. */
const COUNT = 2000;
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
  UserError,
};

test.each(readers(lib).map((r) => [r.name, r] as const))(
  "%s: a damaged file is read or refused with a UserError, in time",
  async (_, reader) => {
    const counts = { read: 0, refused: 0 };
    const faults: string[] = [];
    for (let seed = 0; seed < COUNT; seed++) {
      const result = await readMutant(reader, seed, UserError);
      if (result.outcome === "fault") faults.push(`seed ${seed}: ${result.fault}`);
      else counts[result.outcome]++;
    }
    expect(faults).toEqual([]);
    expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(COUNT / 20); // the mutants are neither harmless nor hopeless
  },
);

test("a reader at fault is noticed: one that throws another error, one that throws nothing of use, one that is slow", async () => {
  const at = (read: () => Promise<void>, limit?: number): Promise<unknown> =>
    readMutant(
      { name: "r", inputs: [Uint8Array.of(1, 2, 3)], kinds: ["flip"], read, ...(limit ? { limit } : {}) },
      1,
      UserError,
    );
  const fault = (text: string): unknown => ({ outcome: "fault", fault: expect.stringContaining(text) });
  expect(await at(async () => {})).toEqual({ outcome: "read" });
  expect(await at(() => Promise.reject(new UserError("no")))).toEqual({ outcome: "refused" });
  expect(await at(() => Promise.reject(new RangeError("index out of range")))).toEqual(fault("index out of range"));
  expect(await at(() => Promise.reject(new UserError("")))).toEqual(fault("UserError"));
  expect(await at(() => Promise.reject(undefined))).toEqual(fault("nothing was thrown"));
  expect(await at(() => new Promise((done) => setTimeout(done, 30)), 10)).toEqual(fault("took"));
});
