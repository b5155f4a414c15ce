import { describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { open } from "../../dist/src/node.js";
import type { Architecture } from "../../models/architecture.js";
import { googlenet } from "../../models/googlenet.js";
import { mobilenet_v2 } from "../../models/mobilenet-v2.js";
import { mobilenet_v3_small } from "../../models/mobilenet-v3.js";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import { resnet18, resnet50 } from "../../models/resnet.js";
import { vgg11_bn } from "../../models/vgg.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { check } from "../../src/graph/check.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { conv2d } from "../../src/graph/layers.js";
import { add } from "../../src/graph/ops/add.js";
import { averagePool } from "../../src/graph/ops/average-pool.js";
import { concat } from "../../src/graph/ops/concat.js";
import { conv } from "../../src/graph/ops/conv.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { hardSigmoid } from "../../src/graph/ops/hard-sigmoid.js";
import { maxPool } from "../../src/graph/ops/max-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { tanh } from "../../src/graph/ops/tanh.js";
import { transpose } from "../../src/graph/ops/transpose.js";
import { blockLayout } from "../../src/graph/passes/block-layout.js";
import { foldBatchNorm } from "../../src/graph/passes/fold-batch-norm.js";
import { gateToConv } from "../../src/graph/passes/gate-to-conv.js";
import { hoistSqueeze } from "../../src/graph/passes/hoist-squeeze.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { initialize } from "../../src/graph/random.js";
import { Scope } from "../../src/graph/scope.js";
import { float32s } from "../../src/graph/tensor.js";
import { elements, f32 } from "../../src/graph/type.js";

function network(architecture: Architecture, options: NetworkOptions): Graph {
  const { graph, parameters } = buildNetwork("n", architecture, { inputSize: 64, classes: 5, ...options });
  initialize(parameters, 3);
  return graph;
}
function blocked(graph: Graph): { readonly graph: Graph; readonly skipped: readonly string[] } {
  for (const pass of [foldBatchNorm, gateToConv, hoistSqueeze, removeDeadCode]) pass.run(graph);
  return { graph, skipped: blockLayout.run(graph).skipped.map(({ reason }) => reason) };
}
function emptyBatch(): Graph {
  const graph = new Graph("empty");
  graph.output(conv2d(graph.input("x", f32(0, 3, 8, 8)), new Scope(graph).at("conv"), 16));
  return graph;
}
/** Outputs of ONNX Runtime. */
async function outputs(graph: Graph, batch: number): Promise<Float32Array> {
  const model = await open(await encodeToBytes(graph));
  try {
    const data = Float32Array.from({ length: batch * 3 * 64 * 64 }, (_, i) => Math.sin(0.37 * i));
    const [result] = Object.values(await model.run({ input: { dtype: "float32", shape: [batch, 3, 64, 64], data } }));
    return result?.data as Float32Array; // every output here is float32
  } finally {
    await model.close();
  }
}
function relative(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  expect(scale).toBeGreaterThan(1e-4);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] ?? 0))), 0) / scale;
}
const kinds = (graph: Graph): ReadonlySet<string> =>
  new Set(graph.nodes.map((n) => `${n.domain ? "nchwc." : ""}${n.op}`));

describe("the blocked layout", () => {
  test.each<[string, Architecture, NetworkOptions & { batch: number }]>([
    ["ResNet-50", resnet50, { se: null, batch: 1 }],
    ["SE-ResNet-50", resnet50, { batch: 1 }],
    ["SE-ResNet-50 with biases, three images", resnet50, { batch: 3, se: { bias: true } }],
    ["SE-ResNet-18, whose hidden layers are narrower than a block", resnet18, { batch: 1 }],
    ["SE-ResNet-18, two images", resnet18, { batch: 2, se: { r: 4, bias: true } }],
    ["SE after the sum", resnet18, { batch: 1, se: { where: "post" } }],
    ["SE on the shortcut", resnet18, { batch: 1, se: { where: "identity" } }],
    ["SE-VGG-11-BN, before its classifier", vgg11_bn, { batch: 2, features: ["features.27"] }],
    ["SE-GoogLeNet, one branch of 24 channels", googlenet, { batch: 1 }],
    ["SE-MobileNet-v2, whose widths are multiples of 8", mobilenet_v2, { batch: 1 }],
    ["the same, two images", mobilenet_v2, { batch: 2 }],
    ["MobileNet-v3 with biases", mobilenet_v3_small, { batch: 1 }],
    ["MobileNet-v3 of an opset without HardSwish", mobilenet_v3_small, { batch: 1, opset: 13 }],
  ])("keeps the outputs of %s", async (_, architecture, options) => {
    const before = await outputs(network(architecture, options), options.batch);
    const { graph, skipped } = blocked(network(architecture, options));
    expect(check(graph)).toEqual([]);
    expect(skipped).toEqual([]);
    for (const op of ["Conv", "GlobalAveragePool", "Clip", "Pad"]) expect(kinds(graph)).not.toContain(op);
    expect(relative(await outputs(graph, options.batch), before)).toBeLessThan(5e-6);
  });

  test("scales weights where the map is larger, and the map where the weights are", () => {
    const { graph } = blocked(network(resnet50, { inputSize: 224, batch: 1 }));
    const stage = (n: number): string[] =>
      graph.nodes
        .filter((node) => node.op === "Conv" && node.name === `layer${n}.0.se.weight`)
        .map((node) => node.name);
    expect([1, 2, 3, 4].map((n) => stage(n).length)).toEqual([1, 1, 1, 0]);
  });

  test("computes HardSwish within the convolution before it, however it is written", () => {
    const fused = (opset: number): readonly string[] =>
      blocked(network(mobilenet_v3_small, { batch: 1, opset })).graph.nodes.flatMap(({ name, attributes }) =>
        attributes.activation?.kind === "string" && attributes.activation.value === "HardSwish" ? [name] : [],
      );
    expect(fused(18)).toHaveLength(18);
    expect(fused(13)).toEqual(fused(18));
  });

  test.each<[string, Graph, RegExp]>([
    ["an unknown batch", network(resnet18, {}), /its input is not of one known shape/],
    ["a BatchNormalization", network(resnet18, { batch: 1 }), /it has a BatchNormalization: fold it first/],
    ["a batch of no images", emptyBatch(), /its input holds nothing/],
  ])("declines %s", (_, graph, reason) => {
    const before = graph.nodes.length;
    expect(blockLayout.run(graph)).toMatchObject({ applied: 0, skipped: [{ reason: expect.stringMatching(reason) }] });
    expect(graph.nodes.length).toBe(before);
  });

  test("leaves a convolution as it is whose map is of an unknown batch", () => {
    const graph = new Graph("two inputs");
    const scope = new Scope(graph);
    graph.output(conv2d(graph.input("known", f32(1, 3, 8, 8)), scope.at("a"), 16), "a");
    graph.output(conv2d(graph.input("open", f32("N", 3, 8, 8)), scope.at("b"), 16), "b");
    expect(blockLayout.run(graph).applied).toBe(1);
    expect(graph.outputs.map((v) => v.producer?.op)).toEqual(["ReorderOutput", "Conv"]);
  });
});

describe("the border of the blocked layout", () => {
  /** x -> 3x3 convolution to `channels` -> what has no blocked operator -> 1x1 convolution and SE's product. */
  function bordered(channels: number, group = 1): Graph {
    const graph = new Graph("border");
    const x = graph.input("input", f32(2, 3, 64, 64));
    const weights = (name: string, ...shape: number[]): Value =>
      graph.constant(
        name,
        float32s(
          Array.from({ length: elements(shape) }, (_, i) => Math.sin(1.7 * i) / 4),
          shape,
        ),
      );
    const map = conv(x, weights("w1", channels, 3, 3, 3), weights("b1", channels), { name: "first" });
    const turned = transpose(transpose(map, { perm: [0, 2, 3, 1] }), { perm: [0, 3, 1, 2] });
    const grouped = conv(turned, weights("w2", channels, channels / group, 1, 1), null, { group, name: "second" });
    const gate = sigmoid(conv(globalAveragePool(grouped), weights("w3", channels, channels, 1, 1), null));
    const scaled = mul(grouped, gate);
    graph.output(concat([scaled, relu(map)], { axis: 1 }), "y");
    return graph;
  }

  test.each([
    [32, 1, ["ReorderInput", "ReorderOutput"]],
    [20, 1, ["ReorderInput", "ReorderOutput", "Pad"]],
    [20, 2, ["ReorderInput", "ReorderOutput", "Pad"]],
  ])("is crossed by reordering: %i channels in %i groups", async (channels, group, crossings) => {
    const before = await outputs(bordered(channels, group), 2);
    const graph = bordered(channels, group);
    expect(blockLayout.run(graph).skipped).toEqual([]);
    expect(check(graph)).toEqual([]);
    const found = [...kinds(graph)].map((kind) => kind.replace("nchwc.", ""));
    expect(found).toEqual(expect.arrayContaining(crossings));
    expect(kinds(graph).has("Conv")).toBe(group > 1);
    expect(relative(await outputs(graph, 2), before)).toBeLessThan(5e-6);
  });
});

describe("a gate that can wait", () => {
  type Reader = (scaled: Value, wave: (name: string, ...shape: number[]) => Value) => readonly Value[];
  const pointwise: Reader = (x, wave) => [conv(x, wave("w4", 12, 20, 1, 1), null)];
  const pooled: Reader = (x, wave) => [
    conv(
      maxPool(x, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
      wave("w4", 8, 20, 3, 3),
      wave("b4", 8),
    ),
    conv(averagePool(x, { kernel_shape: [2, 2], strides: [2, 2] }), wave("w5", 8, 20, 1, 1), null),
  ];
  const summed: Reader = (x, wave) => [...pointwise(x, wave), add(x, x)];

  /** Image -> 20 channels -> SE -> readers. */
  function gated(readers: Reader, images: number, excitation: (v: Value) => Value): Graph {
    const graph = new Graph("gated");
    const wave = (name: string, ...shape: number[]): Value =>
      graph.constant(
        name,
        float32s(
          Array.from({ length: elements(shape) }, (_, i) => Math.sin(1.7 * i) / 4),
          shape,
        ),
      );
    const x = graph.input("input", f32(images, 3, 64, 64));
    const map = relu(conv(x, wave("w1", 20, 3, 3, 3), wave("b1", 20)));
    const hidden = relu(conv(globalAveragePool(map), wave("w2", 4, 20, 1, 1), wave("b2", 4)));
    const gate = excitation(conv(hidden, wave("w3", 20, 4, 1, 1), wave("b3", 20)));
    const made = readers(mul(map, gate), wave);
    graph.output(
      concat(
        made.map((v) => globalAveragePool(v)),
        { axis: 1 },
      ),
      "y",
    );
    return graph;
  }

  test.each<[string, Reader, number, (v: Value) => Value, number]>([
    ["is multiplied into weights", pointwise, 1, sigmoid, 1],
    ["is multiplied into weights behind pools", pooled, 1, hardSigmoid, 2],
    ["may be negative where no pool is between", pointwise, 1, tanh, 1],
    ["is not left behind a maximum where it may be negative", pooled, 1, tanh, 0],
    ["is not left where something else reads the product", summed, 1, sigmoid, 0],
    ["is not left where each of two images has its own", pooled, 2, sigmoid, 0],
  ])("%s", async (_, readers, images, excitation, scaled) => {
    const before = await outputs(gated(readers, images, excitation), images);
    const graph = gated(readers, images, excitation);
    expect(blockLayout.run(graph).skipped).toEqual([]);
    expect(check(graph)).toEqual([]);
    expect(graph.nodes.filter((n) => n.name.endsWith(".scaled"))).toHaveLength(scaled);
    expect(relative(await outputs(graph, images), before)).toBeLessThan(5e-6);
  });
});
