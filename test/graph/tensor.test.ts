import { describe, expect, test } from "vitest";
import { BITS, bytesPerElement, type DType } from "../../src/graph/dtype.js";
import { simdMemory } from "../../src/graph/simd-scale.js";
import {
  asFloat32,
  byteLength,
  computed,
  float32s,
  int64s,
  integers,
  lazyTensor,
  once,
  readAll,
  scaleRows,
  type Tensor,
  tensor,
} from "../../src/graph/tensor.js";
import { f32, tensorType } from "../../src/graph/type.js";

/** As `t`, but read on demand. */
const lazy = (t: Tensor): Tensor => lazyTensor(t, t.read);
const ramp = (...shape: number[]): Tensor =>
  float32s(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 0.5),
    shape,
  );

describe("byteLength", () => {
  test.each([
    ["float32", [2, 3], 24],
    ["float32", [], 4],
    ["float32", [0, 7], 0],
    ["bool", [3], 3],
    ["complex128", [2], 32],
    ["int4", [3], 2],
    ["uint2", [5], 2],
    ["float4e2m1", [2, 2], 2],
  ] as const)("of %s %j is %i", (dtype, shape, bytes) => {
    expect(byteLength(tensorType(dtype, shape))).toBe(bytes);
  });

  test("of strings is not fixed", () => {
    expect(() => byteLength(tensorType("string", [2]))).toThrow(new RangeError("string[2] has no fixed size in bytes"));
    expect(() => bytesPerElement("string")).toThrow(RangeError);
    expect(() => bytesPerElement("int4")).toThrow("an element of int4 is not a whole number of bytes");
    expect(bytesPerElement("bfloat16")).toBe(2);
  });

  test("is a whole number for every element type of fixed size", () => {
    const sizes = (Object.keys(BITS) as DType[])
      .filter((d) => d !== "string")
      .map((d) => byteLength(tensorType(d, [8])));
    expect(sizes.every((n) => Number.isInteger(n) && n >= 2)).toBe(true);
  });
});

describe("tensor", () => {
  test("holds its bytes and gives copies of any range", async () => {
    const t = tensor("uint8", [4], Uint8Array.of(1, 2, 3, 4));
    expect(t).toMatchObject({ kind: "tensor", dtype: "uint8", shape: [4], byteLength: 4 });
    const part = await t.read(1, 3);
    expect(part).toEqual(Uint8Array.of(2, 3));
    part.fill(9);
    expect(await readAll(t)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(t.data).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  test("gives copies of a Node Buffer too", async () => {
    const t = tensor("uint8", [2], Buffer.from([7, 8]));
    (await t.read(0, 2)).fill(0);
    expect(await readAll(t)).toEqual(Uint8Array.of(7, 8));
  });

  test("refuses bytes that are not its shape's", () => {
    expect(() => tensor("float32", [2], new Uint8Array(7))).toThrow(
      new RangeError("float32[2] takes 8 bytes, but 7 were given"),
    );
    expect(tensor("string", [1], new Uint8Array(7)).byteLength).toBe(7);
  });

  test("of numbers is little-endian", async () => {
    expect(await readAll(int64s([1, -2]))).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 254, ...Array(7).fill(255)));
    expect(await readAll(float32s([1.5], []))).toEqual(Uint8Array.of(0, 0, 0xc0, 0x3f));
    expect([int64s([3]).shape, int64s([3], []).shape, float32s([1, 2], [2, 1]).shape]).toEqual([[1], [], [2, 1]]);
    expect(() => int64s([1.5])).toThrow(RangeError);
    expect(() => float32s([1, 2], [3])).toThrow(RangeError);
  });
});

describe("asFloat32", () => {
  const floats = Float32Array.of(1, -2.5, 3);
  test("looks at aligned bytes and copies others", () => {
    const bytes = new Uint8Array(floats.buffer);
    expect(asFloat32(bytes)).toEqual(floats);
    expect(asFloat32(bytes).buffer).toBe(floats.buffer);
    const shifted = new Uint8Array(13);
    shifted.set(bytes, 1);
    expect(asFloat32(shifted.subarray(1))).toEqual(floats);
    expect(asFloat32(bytes.subarray(4))).toEqual(Float32Array.of(-2.5, 3));
  });

  test("copies a Node Buffer that is not aligned", () => {
    const shifted = Buffer.alloc(13);
    shifted.set(new Uint8Array(floats.buffer), 1);
    expect(asFloat32(shifted.subarray(1))).toEqual(floats);
  });
});

describe("integers", () => {
  test("are read where they are at hand", () => {
    expect(integers(int64s([0, -1, 2 ** 53 - 1]))).toEqual([0, -1, 2 ** 53 - 1]);
    expect(integers(tensor("int32", [2], new Uint8Array(Int32Array.of(5, -6).buffer)))).toEqual([5, -6]);
    const shifted = new Uint8Array(17);
    shifted[1] = 7;
    expect(integers(tensor("int64", [2], shifted.subarray(1)))).toEqual([7, 0]);
  });

  test("are none where they are not, or are too large", () => {
    expect(integers(null)).toBeNull();
    expect(integers(float32s([1]))).toBeNull();
    expect(integers(lazy(int64s([1])))).toBeNull();
    expect(integers(tensor("int64", [1], new Uint8Array(BigInt64Array.of(2n ** 53n).buffer)))).toBeNull();
  });
});

/** Reads `bytes` in the memory that is offered. */
const intoGiven =
  (bytes: Uint8Array): Tensor["read"] =>
  async (start, end, into = new Uint8Array(end - start)) => {
    into.set(bytes.subarray(start, end));
    return into.subarray(0, end - start);
  };

describe("scaleRows", () => {
  const factors = [2, -0.5, 3];
  const scaled = (t: Tensor): Tensor => scaleRows(t, async () => Float64Array.from(factors));

  test("multiplies each row by its own factor", async () => {
    const t = ramp(3, 2, 2);
    const expected = Float32Array.from({ length: 12 }, (_, i) => (i + 0.5) * factors[Math.floor(i / 4)]!);
    expect(asFloat32(await readAll(scaled(t)))).toEqual(expected);
    expect(scaled(t)).toMatchObject({ dtype: "float32", shape: [3, 2, 2], byteLength: 48, data: null });
    expect(asFloat32(await readAll(scaled(ramp(3))))).toEqual(Float32Array.of(1, -0.75, 7.5));
    expect(await readAll(scaled(ramp(3, 0)))).toEqual(new Uint8Array());
  });

  test("works in memory that is offered, aligned or not", async () => {
    const memory = new ArrayBuffer(256);
    const source = ramp(3, 5);
    const read: Tensor["read"] = async (start, end, into = new Uint8Array(60)) => {
      into.set(await source.read(start, end));
      return into.subarray(0, end - start);
    };
    const t = scaled(lazyTensor(source, read));
    const expected = (await readAll(t)).slice(8, 40);
    for (const offset of [0, 8, 3]) expect(await t.read(8, 40, new Uint8Array(memory, offset, 60))).toEqual(expected);
    expect((await t.read(8, 40, new Uint8Array(memory, 8, 60))).buffer).toBe(memory);
  });

  test("gives the bytes that JavaScript does where WebAssembly multiplies, at any place and of any length", async () => {
    const memory = simdMemory(4096);
    if (!memory) throw new Error("there is no WebAssembly with SIMD");
    const numbers = [0, -0, 1, 1e-40, -3e38, 3e38, 1 / 3, Number.POSITIVE_INFINITY, 16_777_217, 1e-30];
    for (const width of [1, 3, 4, 5, 8, 21]) {
      const bytes = new Uint8Array(
        Float32Array.from({ length: 3 * width }, (_, i) => numbers[i % 10]! * (1 + i)).buffer,
      );
      const t = scaleRows(lazyTensor(f32(3, width), intoGiven(bytes)), async () => Float64Array.of(1 / 3, -1e-8, 1e10));
      const plain = await readAll(t);
      for (const offset of [0, 4, 60]) {
        const fast = await t.read(0, bytes.length, new Uint8Array(memory, offset));
        expect(fast.buffer).toBe(memory);
        expect(Uint8Array.from(fast)).toEqual(plain);
      }
      const [from, to] = [4, bytes.length - 4];
      expect(Uint8Array.from(await t.read(from, to, new Uint8Array(memory)))).toEqual(plain.slice(from, to));
    }
  });

  test("gives any range as it gives the whole, and leaves its source alone", async () => {
    const t = ramp(3, 5);
    const source = await readAll(t);
    const whole = await readAll(scaled(t));
    for (let start = 0; start <= 60; start += 4)
      for (let end = start; end <= 60; end += 4)
        expect(await scaled(t).read(start, end)).toEqual(whole.slice(start, end));
    expect(await readAll(t)).toEqual(source);
  });
});

describe("computed", () => {
  test("computes once, when first read, and gives copies", async () => {
    let calls = 0;
    const t = computed(f32(3), async () => {
      calls++;
      return Float32Array.of(1, 2, 3);
    });
    expect([t.byteLength, t.data, calls]).toEqual([12, null, 0]);
    const part = await t.read(4, 12);
    expect(asFloat32(part)).toEqual(Float32Array.of(2, 3));
    part.fill(0);
    expect(asFloat32(await readAll(t))).toEqual(Float32Array.of(1, 2, 3));
    expect(calls).toBe(1);
  });
});

test("once calls its function at the first call only", async () => {
  let calls = 0;
  const f = once(async () => ++calls);
  expect(calls).toBe(0);
  expect(await Promise.all([f(), f()])).toEqual([1, 1]);
  expect(await f()).toBe(1);
});
