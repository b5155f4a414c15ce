import { describe, expect, test } from "vitest";
import { type AdaptOptions, adapt } from "../../models/adapt.js";
import type { Architecture } from "../../models/architecture.js";
import { blocks, excitations } from "../../models/attention/index.js";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import { resnet18 } from "../../models/resnet.js";
import { vgg11 } from "../../models/vgg.js";
import { describe as describeWeights } from "../../models/zoos/describe.js";
import type { WeightSource } from "../../src/graph/bind.js";
import { initialize } from "../../src/graph/random.js";
import { asFloat32, float32s, readAll, type Tensor } from "../../src/graph/tensor.js";
import { show } from "../../src/graph/type.js";

/** A checkpoint of `architecture` with random weights. */
function checkpoint(architecture: Architecture, options: NetworkOptions = {}): WeightSource {
  const { parameters } = buildNetwork("n", architecture, { se: null, ...options });
  initialize(parameters, 1);
  return { name: "weights.pth", tensors: new Map(parameters.map((p) => [p.key, p.tensor])) };
}
function fitted(source: WeightSource, options: NetworkOptions, adapting: AdaptOptions = {}) {
  const network = buildNetwork("n", resnet18, { se: null, ...options });
  return { network, ...adapt(network, source, describeWeights("n", resnet18, source), adapting) };
}
const values = async (t: Tensor | undefined) => Array.from(asFloat32(await readAll(t ?? expect.fail("no tensor"))));
const keys = (list: readonly { readonly key: string }[]) => list.map((p) => p.key);

test("what fits is left as it is", () => {
  const source = checkpoint(resnet18);
  expect(fitted(source, {})).toMatchObject({ source: { tensors: source.tensors }, fresh: [], aside: [], changes: [] });
});

describe("the first convolution", () => {
  const stem = (shape: readonly number[], numbers: readonly number[]): WeightSource => {
    const source = checkpoint(resnet18, { inChans: shape[1] ?? 3 });
    const [filters = 0, , ...rest] = shape;
    expect([filters, ...rest]).toEqual([64, 7, 7]);
    return { ...source, tensors: new Map([...source.tensors, ["conv1.weight", float32s(numbers, shape)]]) };
  };
  const rgb = Array.from({ length: 64 * 3 * 49 }, (_, i) =>
    Math.floor(i / 49) % 3 === 2 ? 5 : (Math.floor(i / 49) % 3) + 1,
  ); // 1, 2, 5

  test("for one channel is the sum over all", async () => {
    const { source, changes } = fitted(stem([64, 3, 7, 7], rgb), { inChans: 1 });
    expect(new Set(await values(source.tensors.get("conv1.weight")))).toEqual(new Set([8]));
    expect(changes).toEqual(["the first convolution was made for 3 channels: summed over them for 1"]);
  });
  test("for more channels repeats, scaled", async () => {
    const { source, changes } = fitted(stem([64, 3, 7, 7], rgb), { inChans: 5 });
    const adapted = await values(source.tensors.get("conv1.weight"));
    const channel = (c: number) => new Set(adapted.filter((_, i) => Math.floor(i / 49) % 5 === c));
    const scaled = [1, 2, 5, 1, 2].map((n) => new Set([Math.fround(n * 0.6)]));
    expect([0, 1, 2, 3, 4].map(channel)).toEqual(scaled);
    expect(changes).toEqual(["the first convolution was made for 3 channels: repeated and scaled by 3/5 for 5"]);
  });
  test("for colours from grey keeps the sum", async () => {
    const { source } = fitted(stem([64, 1, 7, 7], Array<number>(64 * 49).fill(3)), { inChans: 3 });
    expect(new Set(await values(source.tensors.get("conv1.weight")))).toEqual(new Set([1]));
  });
});

describe("the classifier", () => {
  test("for other classes is new", () => {
    const { source, fresh, aside, changes } = fitted(checkpoint(resnet18), { classes: 10 });
    expect(keys(fresh)).toEqual(["fc.weight", "fc.bias"]);
    expect(aside).toEqual(["fc.weight", "fc.bias"]);
    expect(source.tensors.has("fc.weight")).toBe(false);
    expect(changes).toEqual(["the classifier was made for 1000 classes: a new one for 10, with random weights"]);
  });
  test("is left aside where none is wanted", () => {
    expect(fitted(checkpoint(resnet18), { classes: 0 })).toMatchObject({ fresh: [], aside: ["fc.weight", "fc.bias"] });
  });
  test("is new where the checkpoint has none", () => {
    const { fresh, aside, changes } = fitted(checkpoint(resnet18, { classes: 0 }), { classes: 7 });
    expect([keys(fresh), aside]).toEqual([["fc.weight", "fc.bias"], []]);
    expect(changes).toEqual(["weights.pth has no classifier: a new one for 7 classes, with random weights"]);
  });
  test("only its last layer", () => {
    const source = checkpoint(vgg11);
    const network = buildNetwork("n", vgg11, { se: null, classes: 3 });
    expect(keys(adapt(network, source, describeWeights("n", vgg11, source)).fresh)).toEqual([
      "classifier.6.weight",
      "classifier.6.bias",
    ]);
  });
  test("loses its first classes to a label offset", async () => {
    const whole = checkpoint(resnet18, { classes: 5 });
    const { source, fresh, changes } = fitted(whole, { classes: 3 }, { labelOffset: 2 });
    expect(fresh).toEqual([]);
    for (const [key, perRow] of [
      ["fc.weight", 512],
      ["fc.bias", 1],
    ] as const) {
      expect(await values(source.tensors.get(key))).toEqual((await values(whole.tensors.get(key))).slice(2 * perRow));
      expect(source.tensors.get(key)?.shape[0]).toBe(3);
    }
    expect(changes).toEqual(["the first 2 of 5 classes left out"]);
    expect(() => fitted(whole, {}, { labelOffset: 5 })).toThrow("a label offset of 5 leaves none");
  });
});

describe("SE on a checkpoint without", () => {
  test.each(excitations)("starts with $name at 1", async ({ excitation }) => {
    const { fresh, changes } = fitted(checkpoint(resnet18), { se: { bias: true, excitation } });
    expect(fresh).toHaveLength(8 * 4);
    initialize(fresh);
    const first = (name: string) => fresh.find((p) => p.key === `layer1.0.se.${name}`)?.tensor;
    expect(new Set(await values(first("fc2.weight")))).toEqual(new Set([0]));
    expect(new Set(await values(first("fc1.bias")))).toEqual(new Set([0]));
    expect((await values(first("fc2.bias")))[0]).toBeGreaterThanOrEqual(1);
    expect((await values(first("fc1.weight"))).some((x) => x !== 0)).toBe(true);
    expect(changes[0]).toMatch(/^the 8 SE blocks are new and start as identity/);
  });
  test.each(blocks.filter((b) => !b.takes.includes("bias")))("is refused as $name", ({ block }) => {
    expect(() => fitted(checkpoint(resnet18), { se: { block, bias: true } })).toThrow(
      "is no SE block that can start with a gate of 1",
    );
  });
  test("is refused without biases", () => {
    expect(() => fitted(checkpoint(resnet18), { se: { bias: false } })).toThrow("--se-bias");
  });
  test("is left to bind where the checkpoint has some of it", () => {
    const source = checkpoint(resnet18, { se: { bias: true } });
    const tensors = new Map([...source.tensors].filter(([key]) => !key.startsWith("layer1.0.se.")));
    expect(fitted({ ...source, tensors }, { se: { bias: true } }).fresh).toEqual([]);
  });
});

test("types stay float32 whatever the checkpoint's", () => {
  const source = checkpoint(resnet18);
  const { source: adapted } = fitted(source, { inChans: 1 });
  expect(show(adapted.tensors.get("conv1.weight") ?? null)).toBe("float32[64,1,7,7]");
});
