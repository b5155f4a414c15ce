import { describe, expect, test } from "vitest";
import { castable, fromHalf, toFloat32 } from "../../src/graph/cast.js";
import type { DType } from "../../src/graph/dtype.js";
import { asFloat32, float32s, int64s, readAll, type Tensor, tensor } from "../../src/graph/tensor.js";

const floats = async (t: Tensor): Promise<Float32Array> => asFloat32(await readAll(toFloat32(t)));
const bytes = (numbers: ArrayBufferView): Uint8Array => new Uint8Array(numbers.buffer);
const allBits = Uint16Array.from({ length: 65_536 }, (_, i) => i);

/** IEEE 754-2008, 3.4, a bit at a time. */
function half(bits: number): number {
  const bit = (i: number): number => Math.floor(bits / 2 ** i) % 2;
  let exponent = 0;
  for (let i = 14; i >= 10; i--) exponent = exponent * 2 + bit(i);
  let significand = exponent === 0 ? 0 : 1;
  for (let i = 9; i >= 0; i--) significand += bit(i) / 2 ** (10 - i);
  const sign = bit(15) ? -1 : 1;
  if (exponent < 31) return sign * significand * 2 ** (Math.max(exponent, 1) - 15);
  return significand === 1 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
}

describe("float16", () => {
  test("of all 65,536 bit patterns is what IEEE 754 says", async () => {
    const read = await floats(tensor("float16", [256, 256], bytes(allBits)));
    const wrong = Array.from(allBits).filter((b) => !Object.is(read[b], half(b)) || !Object.is(fromHalf(b), half(b)));
    expect(wrong).toEqual([]);
    expect(read).toHaveLength(65_536);
  });

  test("of well-known patterns", () => {
    const known = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x7c00, 0xfc00, 0x7e00].map(
      fromHalf,
    );
    expect(known).toEqual([
      0,
      -0,
      1,
      -2,
      65_504,
      2 ** -14,
      2 ** -24,
      0.333251953125,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });
});

describe("bfloat16", () => {
  test("of all 65,536 bit patterns is the float32 that begins with them", async () => {
    const read = await floats(tensor("bfloat16", [65_536], bytes(allBits)));
    const view = new DataView(new ArrayBuffer(4));
    const wrong = Array.from(allBits).filter((b) => {
      view.setUint16(0, b);
      return !Object.is(read[b], view.getFloat32(0));
    });
    expect(wrong).toEqual([]);
    expect([read[0x3f80], read[0xc040], read[0x7f80]]).toEqual([1, -3, Number.POSITIVE_INFINITY]);
  });
});

describe("float64", () => {
  test("is rounded to the nearest float32", async () => {
    const numbers = [0.1, -1 / 3, 1e-46, 1e39, 16_777_217, Number.NaN, -0];
    expect(await floats(tensor("float64", [7], bytes(Float64Array.from(numbers))))).toEqual(Float32Array.from(numbers));
  });
});

test("float32 stays the tensor that it is", () => {
  const t = float32s([1, 2]);
  expect(toFloat32(t)).toBe(t);
});

test.each(["float16", "bfloat16", "float64"] as const)("%s is read a range at a time", async (dtype) => {
  const size = dtype === "float64" ? 8 : 2;
  const data = Uint8Array.from({ length: 12 * size }, (_, i) => (i * 37) % 120);
  const reads: number[][] = [];
  const source = tensor(dtype, [3, 4], data);
  const read: Tensor["read"] = (start, end) => {
    reads.push([start, end]);
    return source.read(start, end);
  };
  const t = toFloat32({ ...source, read });
  expect(t).toMatchObject({ dtype: "float32", shape: [3, 4], byteLength: 48 });
  expect(reads).toEqual([]);
  const whole = await readAll(t);
  for (let start = 0; start <= 48; start += 4)
    for (let end = start; end <= 48; end += 4) expect(await t.read(start, end)).toEqual(whole.slice(start, end));
  expect(reads.slice(0, 2)).toEqual([
    [0, 12 * size],
    [0, 0],
  ]);
});

test("bytes that are not aligned are read too", async () => {
  const shifted = new Uint8Array(9);
  shifted.set(bytes(Uint16Array.of(0x3c00, 0xc000, 0x3c00, 0)), 1);
  const source = tensor("float16", [4], shifted.subarray(1));
  const t = toFloat32({ ...source, read: async (start, end) => shifted.subarray(1 + start, 1 + end) });
  expect(asFloat32(await readAll(t))).toEqual(Float32Array.of(1, -2, 1, 0));
});

test("no other type is read as float32", () => {
  expect((["float32", "float16", "bfloat16", "float64"] as DType[]).every(castable)).toBe(true);
  expect((["int64", "int8", "bool", "string", "float8e5m2", "complex64"] as DType[]).some(castable)).toBe(false);
  expect(() => toFloat32(int64s([1]))).toThrow(new RangeError("int64 cannot be read as float32"));
});
