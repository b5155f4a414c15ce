import { describe, expect, test } from "vitest";
import { UserError } from "../../src/graph/error.js";
import type { Preprocessing } from "../../src/graph/preprocessing.js";
import { imagenetPreprocessing, prepare } from "../../src/infer/preprocess.js";
import { cut, golden, photo, sha256 } from "./photos.js";

type Box = readonly [left: number, top: number, width: number, height: number];

interface Goldens {
  readonly presets: readonly Preprocessing[];
  readonly hashed: readonly {
    readonly photo: string;
    readonly box: Box;
    readonly preset: number;
    readonly sha256: string;
  }[];
  readonly whole: readonly {
    readonly photo: string;
    readonly box: Box;
    readonly preprocessing: Preprocessing;
    readonly expected: readonly number[];
  }[];
}

const { presets, hashed, whole } = golden<Goldens>("preprocess.json");

describe("prepare equals torchvision", () => {
  test.each(whole)("$box to $preprocessing.input_size", async ({ photo: name, box, preprocessing, expected }) => {
    const tensor = prepare(cut(await photo(name), box), preprocessing);
    expect(Array.from(tensor)).toEqual(expected);
  });

  const cases = presets.map((preset, index) => ({ ...preset, index }));
  test.each(cases)("$input_size $interpolation, crop_pct $crop_pct, $crop_mode", async ({ index, ...preset }) => {
    const goldens = hashed.filter((golden) => golden.preset === index);
    const wrong = [];
    for (const golden of goldens) {
      const tensor = prepare(cut(await photo(golden.photo), golden.box), preset);
      if (sha256(tensor) !== golden.sha256) wrong.push(golden);
    }
    expect(goldens.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  test("imagenetPreprocessing is the first preset", () => {
    expect(imagenetPreprocessing()).toEqual(presets[0]);
    expect(imagenetPreprocessing(96).input_size).toEqual([3, 96, 96]);
  });
});

test("a picture of one row is prepared without making the whole enlarged row", () => {
  const row = { width: 1_000_000, height: 1, data: new Uint8Array(3_000_000) };
  const tensor = prepare(row, imagenetPreprocessing()); // the whole would be 256 x 256,000,000 pixels
  expect(tensor[0]).toBeCloseTo(-0.485 / 0.229, 6);
  expect(tensor).toHaveLength(3 * 224 * 224);
});

describe("refuses", () => {
  const pixels = { width: 1, height: 1, data: new Uint8Array(3) };
  // As in a model's metadata, where any JSON may stand.
  const faults: readonly (readonly [key: string, value: unknown, message: string])[] = [
    ["input_size", [4, 8, 8], "input_size [4,8,8] asks for 4 channels"],
    ["input_size", [3, 0, 8], "input_size [3,0,8] is not"],
    ["input_size", [3, 8], "input_size [3,8] is not"],
    ["input_size", [3, 100_000, 100_000], "100000x100000"],
    ["interpolation", "lanczos", "interpolation 'lanczos' is not known; use bilinear or bicubic"],
    ["crop_mode", "border", "crop_mode 'border' is not known; use center or squash"],
    ["crop_pct", 0, "crop_pct 0 leaves nothing"],
    ["crop_pct", 1000, "crop_pct 1000 leaves nothing"],
    ["crop_pct", Number.NaN, "crop_pct NaN leaves nothing"],
    ["mean", [0.5], "mean [0.5] must hold a number for each of the 3 channels"],
    ["std", [1, 1, Number.NaN], "std [1,1,NaN] must hold a number for each of the 3 channels"],
    ["std", [1, 0, 1], "std [1,0,1] holds a 0"],
  ];
  test.each(faults)("%s %j", (key, value, message) => {
    const preprocessing: Preprocessing = { ...imagenetPreprocessing(), [key]: value };
    expect(() => prepare(pixels, preprocessing)).toThrow(UserError);
    expect(() => prepare(pixels, preprocessing)).toThrow(message);
  });

  test("bytes that are not RGB", () => {
    expect(() => prepare({ width: 1, height: 1, data: new Uint8Array(4) }, imagenetPreprocessing())).toThrow(UserError);
  });
});
