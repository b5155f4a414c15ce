import { describe, expect, test } from "vitest";
import { toMultipleOf } from "../../models/divisible.js";
import { backbones } from "../../models/index.js";
import type { SePlan } from "../../models/plan.js";
import { squeezeExciteConv } from "../../models/se-block.js";
import { type BuildOptions, type BuiltModel, buildModel } from "../../src/build.js";
import { Graph } from "../../src/graph/graph.js";
import { macs, nodeMacs } from "../../src/graph/macs.js";
import { conv } from "../../src/graph/ops/conv.js";
import { gemm } from "../../src/graph/ops/gemm.js";
import { elements, f32, isRanked } from "../../src/graph/type.js";
import { LEFT_OUT, reference, wanted } from "./reference.js";

const named = (name: string) => backbones.find((b) => b.name === name)!;
const build = async (name: string, se: SePlan | null, options: BuildOptions = {}): Promise<BuiltModel> =>
  buildModel(name, await named(name).load(), { se, ...options });
const blocksOf = ({ se }: BuiltModel) =>
  se.map(({ channels, hidden, x }) => [channels, hidden, ...(isRanked(x.type) ? x.type.shape.slice(2) : [])]);
const countsOf = ({ parameters, seParameters, macs: all, seMacs }: BuiltModel) => ({
  parameters,
  seParameters,
  macs: all,
  seMacs,
});
const rows = Object.entries(reference.rows).filter(([name]) => !(name in LEFT_OUT));

test("every row of the reference asks for a backbone of the registry, or is left out for a reason", () => {
  expect(Object.keys(LEFT_OUT).filter((name) => !(name in reference.rows))).toEqual([]);
  expect(rows.map(([name]) => wanted(name).backbone).filter((name) => !named(name))).toEqual([]);
  expect(rows.length).toBe(Object.keys(reference.rows).length - Object.keys(LEFT_OUT).length);
});

test("every backbone of the registry has a row, its own or that of the network it is another name of", async () => {
  const counted = new Set(rows.map(([name]) => wanted(name).backbone));
  const others = backbones.map((b) => b.name).filter((name) => !counted.has(name) && !(name in reference.timm));
  // Stride, stem pool and averaged shortcuts change no count, or are compared with timm's own networks.
  expect(others.filter((name) => !/_v1$|^resnet\d+d$|^googlenet_5x5$/.test(name))).toEqual([]);
});

describe("counts are those of the reference", () => {
  test.each(rows)("%s", async (name, row) => {
    const { backbone, se } = wanted(name);
    const { blocks, runningStatistics, inputSize, ...counts } = row;
    const built = await build(backbone, se, { inputSize });
    expect(countsOf(built)).toEqual(counts);
    expect(blocksOf(built)).toEqual(blocks.flatMap(([n, ...block]) => Array<readonly number[]>(n).fill(block)));
    expect(built.plan?.blocks.length ?? 0).toBe(built.se.length);
    const unfolded = await build(backbone, se && { ...se, block: squeezeExciteConv }, { inputSize, fold: false });
    expect(countsOf(unfolded)).toEqual(counts);
    const statistics = unfolded.graph.constants.filter((c) => /\.running_(mean|var)$/.test(c.name));
    expect(statistics.reduce((n, c) => n + elements(c.constant?.shape ?? []), 0)).toBe(runningStatistics);
  });
});

describe("names of timm's have its parameters", () => {
  const aliases = Object.entries(reference.timm).filter(([name]) => named(name) && /^(legacy_)?se(res|net)/.test(name));
  test.each(aliases)("%s", async (name, parameters) => {
    expect((await build(name, {})).parameters).toBe(parameters);
  });
  test("all of them", () => expect(aliases.length).toBeGreaterThanOrEqual(18));
});

describe("the paper's overhead, (2 / r) times the sum of N C^2", () => {
  test.each(Object.entries(reference.overhead))("of %s", async (key, { stages, r, formula, seParameters }) => {
    const [name = "", where] = key.split(" ");
    const bySum = (ratio: number) => (2 / ratio) * stages.reduce((sum, [n, c]) => sum + n * c ** 2, 0);
    expect(bySum(r)).toBe(formula);
    expect((await build(name, { r, where, bias: false })).seParameters).toBe(seParameters);
    for (const ratio of [1, 2, 4, 8, 32].filter((n) => stages.every(([, c]) => c % n === 0)))
      if (seParameters === formula)
        expect((await build(name, { r: ratio, where, bias: false })).seParameters).toBe(bySum(ratio));
  });
});

describe("hidden units", () => {
  test.each(["resnet50", "vgg11", "mobilenet_v2"])("of %s are floor(C / r), whatever r", async (name) => {
    const channels = (await build(name, { r: 1 })).se.map((b) => b.hidden);
    const least = Math.min(...channels);
    for (const r of [2, 3, 4, 8, 16]) {
      expect(r).toBeLessThanOrEqual(least);
      const built = await build(name, { r, bias: true });
      const hidden = channels.map((c) => Math.floor(c / r));
      expect(built.se.map((b) => b.hidden)).toEqual(hidden);
      expect(built.seParameters).toBe(channels.reduce((sum, c, i) => sum + 2 * c * hidden[i]! + c + hidden[i]!, 0));
    }
  });

  test("by timm's rounding are multiples of the divisor, at least one", async () => {
    const hidden = async (rdDivisor: number) =>
      (await build("resnet18", { round: toMultipleOf(rdDivisor) })).se.map((b) => b.hidden);
    expect(await hidden(8)).toEqual([8, 8, 8, 8, 16, 16, 32, 32]);
    expect(await hidden(3)).toEqual([3, 3, 9, 9, 15, 15, 33, 33]);
    expect(() => toMultipleOf(0)).toThrow("rd-divisor must be a whole number from 1 up, but is 0");
  });

  test("of the families with SE of their own follow r by their own base and rounding", async () => {
    const hidden = async (name: string, r: number) => (await build(name, { r })).se.map((b) => b.hidden).slice(0, 4);
    expect(await hidden("efficientnet_b0", 8)).toEqual([4, 2, 3, 3]);
    expect(await hidden("regnet_y_400mf", 8)).toEqual([4, 6, 13, 13]);
    expect(await hidden("mobilenet_v3_small", 8)).toEqual([8, 16, 32, 32]);
  });
});

describe("macs", () => {
  test("count one image, each group's channels, and the lengths that a product runs over", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32("N", 8, 6, 6));
    const made = conv(x, graph.input("w", f32(4, 2, 3, 3)), graph.input("b", f32(4)), { group: 4 });
    expect(nodeMacs(made.producer!)).toBe(4 * 4 * 4 * 2 * 9);
    const [a, b] = [graph.input("a", f32("N", 5)), graph.input("m", f32(5, 7))];
    expect(nodeMacs(gemm(a, b).producer!)).toBe(35);
    expect(nodeMacs(gemm(a, graph.input("t", f32(7, 5)), null, { transB: 1 }).producer!)).toBe(35);
    expect(macs(graph)).toBe(4 * 4 * 4 * 2 * 9 + 70);
  });

  test("are null where a shape is not known", () => {
    const graph = new Graph("g");
    const w = graph.input("w", f32(4, 8, 1, 1));
    conv(graph.input("x", f32("N", 8, 6, 6)), w);
    expect(macs(graph)).toBe(4 * 36 * 8);
    conv(graph.input("y", f32("N", 8, "H", 6)), w);
    expect(macs(graph)).toBeNull();
  });
});
