import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Backbone, backbones } from "../../models/index.js";
import type { SePlan } from "../../models/network.js";
import { buildNetwork } from "../../models/network.js";
import { type BuiltModel, buildModel } from "../../src/build.js";
import { Graph } from "../../src/graph/graph.js";
import { macs, nodeMacs } from "../../src/graph/macs.js";
import { conv } from "../../src/graph/ops/conv.js";
import { gemm } from "../../src/graph/ops/gemm.js";
import { elements, f32, isRanked } from "../../src/graph/type.js";

interface Row {
  readonly parameters: number;
  readonly seParameters: number;
  readonly runningStatistics: number;
  readonly macs: number;
  readonly seMacs: number;
  /** [how many in a row, C, hidden, H, W] */
  readonly blocks: readonly (readonly [number, number, number, number, number])[];
}
interface Goldens {
  readonly backbones: Readonly<Record<string, Readonly<Record<"plain" | "noBias" | "bias", Row>>>>;
  readonly ablations: Readonly<Record<string, Pick<Row, "parameters" | "seParameters" | "seMacs">>>;
  readonly overhead: Readonly<
    Record<
      string,
      { readonly stages: readonly (readonly [number, number])[]; readonly r: number; readonly seParameters: number }
    >
  >;
}
const goldens: Goldens = JSON.parse(readFileSync(new URL("goldens/reference-numbers.json", import.meta.url), "utf8"));

const resnet50 = backbones.find((b) => b.name === "resnet50")!;
const build = async ({ name, load }: Backbone, se: SePlan | null, fold = true): Promise<BuiltModel> =>
  buildModel(name, await load(), { se, fold });
const blocksOf = ({ se }: BuiltModel) =>
  se.map(({ channels, hidden, x }) => [channels, hidden, ...(isRanked(x.type) ? x.type.shape.slice(2) : [])]);
const countsOf = ({ parameters, seParameters, macs: all, seMacs }: BuiltModel) => ({
  parameters,
  seParameters,
  macs: all,
  seMacs,
});

test("the reference has rows for every backbone", () => {
  expect(Object.keys(goldens.backbones)).toEqual(backbones.map((b) => b.name));
});

describe.each(backbones)("$name has the published counts", (backbone) => {
  const plans = { plain: null, noBias: { bias: false }, bias: { bias: true } } as const;
  test.each(["plain", "noBias", "bias"] as const)("%s", async (plan) => {
    const { blocks, runningStatistics, ...counts } = goldens.backbones[backbone.name]![plan];
    const built = await build(backbone, plans[plan]);
    expect(countsOf(built)).toEqual(counts);
    expect(blocksOf(built)).toEqual(blocks.flatMap(([n, ...block]) => Array<readonly number[]>(n).fill(block)));
    expect(built.se.every((b) => b.bias === (plan === "bias") && b.form === "gemm" && b.squeeze === "avg")).toBe(true);

    const { parameters } = buildNetwork(backbone.name, await backbone.load(), { se: plans[plan] });
    const buffers = parameters.filter((p) => !p.trainable);
    expect(buffers.reduce((n, p) => n + elements(p.type.shape), 0)).toBe(runningStatistics);
    expect(buffers.every((p) => /\.running_(mean|var)$/.test(p.key))).toBe(true);
  });

  test("in either form of the block, folded or not", async () => {
    const row = goldens.backbones[backbone.name]!.bias;
    const { blocks, runningStatistics, ...counts } = row;
    expect(countsOf(await build(backbone, { form: "conv", bias: true }))).toEqual(counts);
    const unfolded = await build(backbone, { form: "conv", bias: true }, false);
    expect(countsOf(unfolded)).toEqual(counts);
    expect(unfolded.se.every((b) => b.form === "conv" && b.bias)).toBe(true);
  });

  test("for every r: 2 C floor(C / r) weights a block, and C + floor(C / r) biases", async () => {
    const { plain, noBias } = goldens.backbones[backbone.name]!;
    const channels = noBias.blocks.flatMap(([n, c]) => Array<number>(n).fill(c));
    for (const r of [1, 2, 3, 4, 8, 16, 32, 64])
      for (const bias of [false, true]) {
        const built = await build(backbone, { r, bias });
        const hidden = channels.map((c) => Math.floor(c / r));
        const weights = channels.reduce((sum, c, i) => sum + 2 * c * hidden[i]!, 0);
        const biases = channels.reduce((sum, c, i) => sum + c + hidden[i]!, 0);
        expect(built.se.map((b) => b.hidden)).toEqual(hidden);
        expect(built.seMacs).toBe(weights);
        expect(built.seParameters).toBe(weights + (bias ? biases : 0));
        expect(built.parameters).toBe(plain.parameters + built.seParameters);
        expect(built.macs).toBe(plain.macs + weights);
      }
  });
});

describe("the paper's overhead, (2 / r) times the sum of N C^2", () => {
  test.each(Object.entries(goldens.overhead))("of %s", async (name, { stages, r, seParameters }) => {
    const backbone = backbones.find((b) => b.name === name)!;
    const formula = (ratio: number) => (2 / ratio) * stages.reduce((sum, [n, c]) => sum + n * c ** 2, 0);
    expect(formula(r)).toBe(seParameters);
    for (const ratio of [r, 1, 2, 4, 8, 32])
      expect((await build(backbone, { r: ratio })).seParameters).toBe(formula(ratio));
  });
});

describe("SE-ResNet-50 in the paper's ablations", () => {
  test.each(Object.entries(goldens.ablations))("%s", async (name, expected) => {
    const [what = "", biases] = name.split("/");
    const bias = biases === "bias";
    const [from = 0, to = from] = (what.match(/\d+/g) ?? []).map(Number);
    const stages = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const built = await build(resnet50, what.startsWith("ratio") ? { r: from, bias } : { stages, bias });
    expect(built).toMatchObject(expected);
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
