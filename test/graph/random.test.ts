import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/graph/error.js";
import { type Init, parameter } from "../../src/graph/parameter.js";
import { fillUniform, initialize } from "../../src/graph/random.js";
import { simdFill } from "../../src/graph/simd-fill.js";
import { asFloat32, float32s, readAll } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";

const he = (fanIn: number): Init => ({ kind: "he-uniform", fanIn });

/** A parameter with its seeded start. */
function started(key: string, shape: readonly number[], init: Init, seed?: number) {
  const p = parameter(key, f32(...shape), init);
  initialize([p], seed);
  return p.tensor;
}
const valuesOf = async (...args: Parameters<typeof started>) => asFloat32(await readAll(started(...args)));

describe("a He-uniform start", () => {
  const stem = ["conv1.weight", [64, 3, 7, 7], he(147)] as const;

  test("is the same bytes everywhere", async () => {
    const bytes = await readAll(started(...stem, 0));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      "f67221ec36cd37466a34796eaa59591999b320e873c1d110c8af8b8ee9585c62",
    );
  });

  test("lies within sqrt(6 / fan-in), with mean 0 and variance 2 / fan-in", async () => {
    const fanIn = 512;
    const values = await valuesOf("layer4.0.conv1.weight", [1000, fanIn], he(fanIn));
    const bound = Math.sqrt(6 / fanIn);
    const n = values.length;
    const mean = values.reduce((a, v) => a + v, 0) / n;
    const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / n;
    const most = values.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    expect(most).toBeLessThanOrEqual(Math.fround(bound));
    expect(most).toBeGreaterThan(0.9999 * bound);
    expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * n)); // four standard errors
    expect(variance / (2 / fanIn)).toBeGreaterThan(0.99);
    expect(variance / (2 / fanIn)).toBeLessThan(1.01);
  });

  test("fills its range evenly, and neighbours do not follow each other", async () => {
    const values = await valuesOf("w", [160_000], he(6));
    const bins = new Int32Array(16);
    for (const v of values) bins[Math.floor((v + 1) * 8)]!++;
    const chi2 = bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(chi2).toBeLessThan(37.7); // 15 degrees of freedom: once in a thousand
    for (const lag of [1, 2, 16]) {
      const product = values.reduce((sum, v, i) => sum + v * (values[i + lag] ?? 0), 0) / values.length;
      expect(Math.abs(product * 3)).toBeLessThan(0.01); // correlation; its standard error is 0.0025
    }
  });

  test("can be read a range at a time", async () => {
    const t = started(...stem);
    const whole = await readAll(t);
    const ranges = [
      [0, 4],
      [4, 8],
      [0, whole.length],
      [1000, 1000],
      [1000, 30_004],
      [whole.length - 4, whole.length],
    ];
    for (const [start = 0, end = 0] of ranges) expect(await t.read(start, end)).toEqual(whole.slice(start, end));
  });

  test("is written into memory that is offered, aligned or not", async () => {
    const t = started(...stem);
    const memory = new ArrayBuffer(4096);
    const expected = await t.read(400, 800);
    for (const offset of [0, 4, 1, 2]) {
      const into = new Uint8Array(memory, offset, 1000);
      const read = await t.read(400, 800, into);
      expect(read).toEqual(expected);
      if (offset % 4 === 0) expect([read.buffer, read.byteOffset]).toEqual([memory, offset]);
    }
  });

  test("depends on seed and key alone", async () => {
    const [, shape, init] = stem;
    const first = await valuesOf("a.weight", shape, init, 1);
    expect(await valuesOf("a.weight", shape, init, 1)).toEqual(first);
    expect((await valuesOf("a.weight", [10], init, 1)).slice(0, 10)).toEqual(first.slice(0, 10));
    for (const other of [await valuesOf("b.weight", shape, init, 1), await valuesOf("a.weight", shape, init, 2)]) {
      const equal = other.reduce((n, v, i) => n + (v === first[i] ? 1 : 0), 0);
      expect(equal).toBeLessThan(10);
    }
    expect(await valuesOf("a.weight", shape, init)).toEqual(await valuesOf("a.weight", shape, init, 0));
  });

  test("differs for every parameter of a list", async () => {
    const list = Array.from({ length: 200 }, (_, i) => parameter(`layer${i >> 4}.${i & 15}.weight`, f32(4), he(6)));
    initialize(list, 7);
    const starts = await Promise.all(list.map(async (p) => asFloat32(await readAll(p.tensor))[0]));
    expect(new Set(starts).size).toBe(list.length);
  });
});

describe("WebAssembly makes the numbers that JavaScript makes", () => {
  test.each([0, 1, 3, 4, 5, 16_383, 16_384, 16_385, 50_001])("%i of them", (length) => {
    const fill = simdFill();
    expect(fill).not.toBeNull();
    for (const [counter, step, fanIn] of [
      [0, 1, 6],
      [-1, -2_147_483_647, 147],
      [0x7fff_ffff, 0x1234_5677, 4608],
    ] as const) {
      const [simd, plain] = [new Float32Array(length + 1).fill(7), new Float32Array(length + 1).fill(7)];
      const scale = Math.sqrt(6 / fanIn) / 2 ** 31;
      fill?.(simd.subarray(0, length), counter, step, scale);
      fillUniform(plain.subarray(0, length), counter, step, scale);
      expect(Buffer.from(simd.buffer).equals(Buffer.from(plain.buffer))).toBe(true);
    }
  });
});

test("a constant start is that number throughout", async () => {
  expect(await valuesOf("bn1.weight", [3], { kind: "constant", value: 0.5 }, 9)).toEqual(
    Float32Array.of(0.5, 0.5, 0.5),
  );
  expect((await valuesOf("bn1.weight", [3], { kind: "constant", value: 0.5 })).byteLength).toBe(12);
});

describe("a parameter", () => {
  test("cannot be read before it has a value", async () => {
    const p = parameter("fc.weight", f32(2), he(1));
    expect([p.tensor.byteLength, p.tensor.data, p.trainable]).toEqual([8, null, true]);
    await expect(readAll(p.tensor)).rejects.toThrow(
      new UserError("the parameter 'fc.weight' has no value yet: give the network weights before reading it"),
    );
  });

  test("takes the bytes that it was given last", async () => {
    const p = parameter("fc.bias", f32(2), he(1));
    p.bind(float32s([1, 2]));
    p.bind(float32s([3, 4]));
    expect(asFloat32(await readAll(p.tensor))).toEqual(Float32Array.of(3, 4));
    expect(p.tensor.data).toEqual(float32s([3, 4]).data);
  });

  test("takes no tensor of another type", () => {
    const p = parameter("fc.bias", f32(2), he(1));
    expect(() => p.bind(float32s([1, 2, 3]))).toThrow(
      new UserError("the parameter 'fc.bias' is float32[2], not float32[3]"),
    );
  });
});
