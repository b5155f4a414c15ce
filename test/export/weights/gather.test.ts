import { afterAll, expect, test } from "vitest";
import { watchAllocations } from "../../../fuzz/allocations.mjs";
import { generator } from "../../../fuzz/random.mjs";
import { type Strided, stridedTensor } from "../../../src/export/weights/strided.js";
import { bytesPerElement } from "../../../src/graph/dtype.js";
import type { Ranged } from "../../../src/graph/tensor.js";
import { elements } from "../../../src/graph/type.js";
import { ranged, refusal } from "./files.js";

const allocations = watchAllocations();
afterAll(allocations.restore);
const MIB = 2 ** 20;

const viewOf = (view: Strided, source: Ranged): ReturnType<typeof stridedTensor> =>
  stridedTensor(view, { ...source, data: null }, "w");
/** Where element `n` of a view lies, in elements of its storage. */
function placeOf(n: number, { shape, strides }: Strided): number {
  let [rest, place] = [n, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    place += (rest % length) * (strides[axis] ?? 0);
    rest = Math.floor(rest / length);
  }
  return place;
}

test("any part of any view: every size of element, gaps, axes in any order, elements that are repeated or overlap", async () => {
  for (let seed = 0; seed < 1000; seed++) {
    const pick = generator(seed);
    const dtype = (["uint8", "float16", "float32", "float64", "complex128"] as const)[pick(5)] ?? "uint8";
    const size = bytesPerElement(dtype);
    const shape = Array.from({ length: 1 + pick(4) }, () => 1 + pick(7));
    const strides = shape.map(() => pick(pick(2) ? 4 : 60));
    const view = { dtype, shape, strides, start: pick(3) * size + pick(2) };
    const count = elements(shape);
    const length = view.start + (placeOf(count - 1, view) + 1) * size;
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 167 + seed) & 255);
    const first = pick(count);
    const last = first + 1 + pick(count - first);
    const wanted = Array.from({ length: last - first }, (_, i) => {
      const at = view.start + placeOf(first + i, view) * size;
      return [...bytes.subarray(at, at + size)];
    });
    const found = await viewOf(view, ranged(bytes)).read(first * size, last * size);
    expect(found, `seed ${seed}`).toEqual(Uint8Array.from(wanted.flat()));
  }
});

/** A storage of `rows` x `columns` float32, of which element i is i; it is computed as it is read. */
function counting(count: number, reads: [number, number][]): Ranged {
  return {
    byteLength: 4 * count,
    async read(start, end, into) {
      reads.push([start, end]);
      const out = into?.subarray(0, end - start) ?? new Uint8Array(end - start);
      const numbers = new Float32Array(out.buffer, out.byteOffset, out.length / 4);
      for (let i = 0; i < numbers.length; i++) numbers[i] = start / 4 + i;
      return out;
    },
  };
}

test("48 MiB transposed are read in 1 MiB pieces: three times from front to back, with 16 MiB at once", async () => {
  const [rows, columns] = [3072, 4096];
  const reads: [number, number][] = [];
  const view = { dtype: "float32", shape: [rows, columns], strides: [1, rows], start: 0 } as const;
  const t = viewOf(view, counting(rows * columns, reads));
  const into = new Uint8Array(MIB);
  allocations.take();
  for (let at = 0; at < t.byteLength; at += MIB) {
    const values = new Float32Array((await t.read(at, at + MIB, into)).buffer);
    for (const i of [0, 1, 12_345, values.length - 1]) expect(values[i]).toBe(placeOf(at / 4 + i, view));
  }
  expect(allocations.take()).toBe(16 * MIB);
  expect(reads.filter(([start], i) => start <= (reads[i - 1]?.[0] ?? 0))).toHaveLength(3);
  expect(reads.reduce((sum, [start, end]) => sum + end - start, 0)).toBeLessThanOrEqual(3 * t.byteLength);
});

test("rows of more than a block are put together in parts", async () => {
  const reads: [number, number][] = [];
  const view = { dtype: "float32", shape: [3, 5, MIB], strides: [MIB, 3 * MIB, 1], start: 0 } as const;
  const t = viewOf(view, counting(15 * MIB, reads));
  for (const at of [0, 4 * MIB - 1, 4 * MIB, 5 * MIB - 1, 5 * MIB, 9 * MIB - 1, 12 * MIB + 7, 14 * MIB]) {
    const values = new Float32Array((await t.read(4 * at, 4 * Math.min(15 * MIB, at + 2))).buffer);
    expect(Array.from(values)).toEqual(Array.from(values, (_, i) => placeOf(at + i, view)));
  }
});

test("a column of a long storage is read without what lies between", async () => {
  const reads: [number, number][] = [];
  const view = { dtype: "float32", shape: [20], strides: [MIB], start: 0 } as const;
  const t = viewOf(view, counting(20 * MIB, reads));
  expect(Array.from(new Float32Array((await t.read(0, 80)).buffer))).toEqual(
    Array.from({ length: 20 }, (_, i) => i * MIB),
  );
  expect(Math.max(...reads.map(([start, end]) => end - start))).toBe(16 * 1024);
});

test("a read that failed is tried again", async () => {
  let broken = true;
  const source = ranged(Uint8Array.of(1, 2, 3, 4));
  const t = viewOf(
    { dtype: "uint8", shape: [2, 2], strides: [1, 2], start: 0 },
    { ...source, read: async (from, to) => (broken ? Promise.reject(new Error("offline")) : source.read(from, to)) },
  );
  await expect(t.read(0, 4)).rejects.toThrow("offline");
  broken = false;
  expect(await t.read(0, 4)).toEqual(Uint8Array.of(1, 3, 2, 4));
});

test("elements that overlap all over a long storage would be read again and again, and are refused", async () => {
  const view = { dtype: "float32", shape: [1000, 2000], strides: [1000, 999], start: 0 } as const;
  expect(await refusal(async () => viewOf(view, counting(3 * MIB, [])))).toBe(
    "w is float32[1000,2000] with strides [1000,999], so that its elements overlap all over its storage: save a copy of it",
  );
});
