import { expect, test } from "vitest";
import type { Payload } from "../../src/export/proto.js";
import { bytesOf } from "../../src/export/rope.js";
import { range, SMALL_BYTES } from "../../src/graph/tensor.js";

const CHUNK = 2 * SMALL_BYTES;
const all = Uint8Array.from({ length: CHUNK }, (_, i) => i % 251);
const counted = (length: number): Uint8Array => all.subarray(0, length);
const ranged = (bytes: Uint8Array): Payload =>
  range({ byteLength: bytes.length, read: async (from, to) => bytes.slice(from, to) }, 0, bytes.length);

async function written(parts: readonly Payload[]): Promise<Uint8Array> {
  const chunks = [];
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  for await (const chunk of bytesOf({ byteLength, parts }, CHUNK, null)) {
    expect(chunk.length).toBeGreaterThan(0);
    expect(chunk.length).toBeLessThanOrEqual(CHUNK);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

test("parts come whole and in order, whatever room the ones before leave in a chunk", async () => {
  for (let left = 0; left <= 20; left++)
    for (const small of [1, 8, 15, 17]) {
      const parts = [counted(CHUNK - 16 - left), counted(small), counted(SMALL_BYTES + 3)];
      const bytes = await written(parts.map((part, i) => (i === 1 ? part : ranged(part))));
      expect([left, small, Buffer.concat(parts).equals(bytes)]).toEqual([left, small, true]);
    }
});
