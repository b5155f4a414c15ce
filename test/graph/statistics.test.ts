import { expect, test } from "vitest";
import { statistics } from "../../src/graph/statistics.js";
import { float32s, int64s, tensor } from "../../src/graph/tensor.js";

test("of a few numbers", async () => {
  expect(await statistics(float32s([1, 2, 3, 6]))).toEqual({
    min: 1,
    max: 6,
    mean: 3,
    std: Math.sqrt(3.5),
    nonFinite: 0,
  });
});
test("of numbers in more than one chunk", async () => {
  const numbers = Array.from({ length: 600_000 }, (_, i) => (i % 3) - 1);
  const found = await statistics(float32s(numbers));
  expect(found).toMatchObject({ min: -1, max: 1, nonFinite: 0 });
  expect(found?.mean).toBeCloseTo(0, 9);
  expect(found?.std).toBeCloseTo(Math.sqrt(2 / 3), 6);
});
test("leave out what is not finite, and count it", async () => {
  expect(await statistics(float32s([NaN, 4, Infinity, -Infinity]))).toEqual({
    min: 4,
    max: 4,
    mean: 4,
    std: 0,
    nonFinite: 3,
  });
  expect(await statistics(float32s([NaN]))).toMatchObject({ min: NaN, mean: NaN, nonFinite: 1 });
  expect(await statistics(float32s([]))).toMatchObject({ max: NaN, nonFinite: 0 });
});
test("of half precision", async () => {
  expect(await statistics(tensor("float16", [2], Uint8Array.of(0, 0x3c, 0, 0xc0)))).toMatchObject({ min: -2, max: 1 });
});
test("of integers: none", async () => {
  expect(await statistics(int64s([1]))).toBeNull();
});
