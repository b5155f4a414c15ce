import { expect, test } from "vitest";
import { decodeNpy, encodeNpy } from "../../src/infer/npy.js";

test("what is written is read back, and the data starts at a multiple of 64", () => {
  const t = { dtype: "int64" as const, shape: [2, 1], data: BigInt64Array.of(-1n, 2n ** 40n) };
  const bytes = encodeNpy(t);
  expect((bytes.length - 16) % 64).toBe(0);
  expect(decodeNpy(Buffer.from(bytes), "x")).toEqual(t);
  expect(decodeNpy(encodeNpy({ dtype: "float32", shape: [], data: Float32Array.of(7) }), "x").shape).toEqual([]);
});

test("what is no .npy file, or lies, is refused by name", () => {
  const good = encodeNpy({ dtype: "float32", shape: [3], data: new Float32Array(3) });
  expect(() => decodeNpy(new Uint8Array(4), "x.npy")).toThrow(/x\.npy is no \.npy file/);
  expect(() => decodeNpy(good.subarray(0, good.length - 1), "x.npy")).toThrow(/takes 12 bytes, but 11/);
  expect(() => decodeNpy(good.subarray(0, 40), "x.npy")).toThrow(
    /x\.npy announces a header up to byte 128, but has 40/,
  );
  const negative = new TextEncoder().encode(
    new TextDecoder("latin1").decode(good.subarray(10, 128)).replace("(3,)", "(-1)"),
  );
  expect(() => decodeNpy(Uint8Array.of(...good.subarray(0, 10), ...negative), "x.npy")).toThrow(
    /x\.npy has the shape \(-1\)/,
  );
});
