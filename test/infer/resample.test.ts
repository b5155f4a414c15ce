import { describe, expect, test } from "vitest";
import { UserError } from "../../src/graph/error.js";
import type { Pixels } from "../../src/infer/pixels.js";
import { type Filter, resample } from "../../src/infer/resample.js";
import { scalarPasses, type Taps } from "../../src/infer/resample-passes.js";
import { simdPasses } from "../../src/infer/simd-passes.js";
import { cut, golden, photo, sha256 } from "./photos.js";

interface Goldens {
  readonly hashed: readonly {
    readonly photo: string;
    readonly width: number;
    readonly height: number;
    readonly filter: Filter;
    readonly sha256: string;
  }[];
  readonly whole: readonly {
    readonly size: readonly [number, number];
    readonly rgb: string;
    readonly to: readonly [number, number];
    readonly filter: Filter;
    readonly expected: string;
  }[];
}

const { hashed, whole } = golden<Goldens>("resample.json");
const black: Pixels = { width: 2, height: 2, data: new Uint8Array(12) };

describe("resample equals Pillow", () => {
  test.each(whole)("$size to $to, $filter", ({ size: [width, height], rgb, to, filter, expected }) => {
    const resized = resample({ width, height, data: Buffer.from(rgb, "hex") }, ...to, filter);
    expect(Buffer.from(resized.data).toString("hex")).toBe(expected);
  });

  test.each([...new Set(hashed.map((golden) => golden.photo))])("%s at 27 sizes with both filters", async (name) => {
    const image = await photo(name);
    const goldens = hashed.filter((golden) => golden.photo === name);
    const wrong = goldens.filter(
      ({ width, height, filter, sha256: expected }) => sha256(resample(image, width, height, filter).data) !== expected,
    );
    expect(goldens).toHaveLength(54);
    expect(wrong).toEqual([]);
  });
});

describe("a window", () => {
  const sizes = [
    ["both sides smaller", 199, 123],
    ["both larger", 602, 431],
    ["width kept", 451, 123],
    ["height kept", 199, 300],
    ["both kept", 451, 300],
  ] as const;
  test.each(sizes)("is that part of the whole: %s", async (_, width, height) => {
    const image = await photo("chelsea.png");
    const window = { left: 17, top: 5, width: 91, height: 64 };
    for (const filter of ["bilinear", "bicubic"] as const) {
      const part = cut(resample(image, width, height, filter), [17, 5, 91, 64]);
      expect(resample(image, width, height, filter, window)).toEqual(part);
    }
  });

  test("costs no more than its part: a picture of 2^40 pixels is never made", () => {
    const part = resample(black, 2 ** 20, 2 ** 20, "bicubic", { left: 2 ** 19, top: 7, width: 3, height: 1 });
    expect(part).toEqual({ width: 3, height: 1, data: new Uint8Array(9) });
  });
});

describe("the passes with and without WebAssembly give the same bytes", () => {
  const simd = simdPasses(scalarPasses);
  /** Weights of any size: sums that leave the range of a byte and of 32 bits count too. */
  const taps = (outputs: number, inputs: number, count: number): Taps => {
    const stride = count + 1;
    const starts = Int32Array.from({ length: outputs }, (_, i) => Math.floor((i * (inputs - count)) / outputs));
    const counts = Int32Array.from({ length: outputs }, (_, i) => 1 + (i % count));
    const weights = Int32Array.from({ length: outputs * stride }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >> (i % 13));
    return { starts, counts, weights, stride };
  };
  test.each([
    [1, 1, 1, 1],
    [7, 5, 3, 2],
    [451, 300, 224, 5],
    [1000, 1100, 33, 9], // more than one strip of rows
  ])("%d x %d to %d, %d taps", (width, height, outputs, count) => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i, 0x85ebca6b) >>> 24);
    const band = { left: 0, top: 0, width: outputs, height };
    const across = taps(outputs, width, Math.min(count, width));
    const wide = scalarPasses.alongX({ width, height, data }, band, across);
    expect(simd?.alongX({ width, height, data }, band, across)).toEqual(wide);
    const down = taps(outputs, height, Math.min(count, height));
    expect(simd?.alongY(wide, outputs * 3, 0, down)).toEqual(scalarPasses.alongY(wide, outputs * 3, 0, down));
  });
  test("images too large for the kernel's memory go without it", () => {
    const size = { width: 2_000_000, height: 1 };
    const data = new Uint8Array(6_000_000).fill(200);
    const halves = resample({ ...size, data }, 1_000_000, 1, "bilinear");
    expect(halves.data.every((value) => value === 200)).toBe(true);
  });
});

test("the result never shares memory with its source", () => {
  const source = { ...black, data: new Uint8Array(12) };
  resample(source, 2, 2, "bilinear").data.fill(9);
  expect(source.data).toEqual(new Uint8Array(12));
});

describe("refuses", () => {
  test.each([
    [0, 5],
    [5, -1],
    [2.5, 5],
    [Number.NaN, 5],
    [2 ** 15, 2 ** 15],
  ])("a size of %d x %d", (width, height) => {
    expect(() => resample(black, width, height, "bilinear")).toThrow(UserError);
    expect(() => resample(black, width, height, "bilinear")).toThrow(`${width}x${height}`);
  });

  test("a window that reaches outside", () => {
    const window = { left: 3, top: 0, width: 3, height: 4 };
    expect(() => resample(black, 5, 5, "bilinear", window)).toThrow(
      new UserError("A window of 3x4 at (3, 0) is not inside an image of 5x5: give whole numbers and a place inside"),
    );
  });

  test("RGBA bytes", () => {
    const rgba = { width: 2, height: 2, data: new Uint8Array(16) };
    expect(() => resample(rgba, 1, 1, "bilinear")).toThrow(
      "An RGB image of 2x2 pixels has 12 bytes, but 16 are given: give red, green and blue of each pixel, row by row",
    );
  });
});
