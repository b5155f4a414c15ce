import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { open } from "../../dist/src/node.js";
import type { Architecture } from "../../models/architecture.js";
import { maxSqueeze } from "../../models/attention/squeezes.js";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import { resnet18, resnet50 } from "../../models/resnet.js";
import { squeezeExcite, squeezeExciteConv } from "../../models/se-block.js";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { check } from "../../src/graph/check.js";
import { dataType } from "../../src/graph/dtype.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { linear } from "../../src/graph/layers.js";
import { add } from "../../src/graph/ops/add.js";
import { cast } from "../../src/graph/ops/cast.js";
import { conv } from "../../src/graph/ops/conv.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { convertFloat16 } from "../../src/graph/passes/convert-float16.js";
import { foldBatchNorm } from "../../src/graph/passes/fold-batch-norm.js";
import { gateToConv } from "../../src/graph/passes/gate-to-conv.js";
import { gateToKernel } from "../../src/graph/passes/gate-to-kernel.js";
import { hoistSqueeze } from "../../src/graph/passes/hoist-squeeze.js";
import { poolToMean } from "../../src/graph/passes/pool-to-mean.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { scaleWeights } from "../../src/graph/passes/scale-weights.js";
import { spreadGate } from "../../src/graph/passes/spread-gate.js";
import { initialize } from "../../src/graph/random.js";
import { Scope } from "../../src/graph/scope.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { float32s, int64s } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";

const EXPORTED = new URL("goldens/exported-se/", import.meta.url);
const exported = (file: string): Promise<Graph> => decode(readFileSync(new URL(file, EXPORTED)));

function network(options: NetworkOptions, architecture = resnet18): Graph {
  const { graph, parameters } = buildNetwork("n", architecture, { inputSize: 32, classes: 5, ...options });
  initialize(parameters, 3);
  foldBatchNorm.run(graph);
  removeDeadCode.run(graph);
  return graph;
}
/** Outputs of ONNX Runtime for so many images, or for one where the graph takes no more. */
async function outputs(graph: Graph, size: number, images = 2): Promise<Float32Array> {
  const model = await open(await encodeToBytes(graph));
  try {
    const batch = graph.inputs[0]?.type?.kind === "tensor" && graph.inputs[0].type.shape?.[0] === 1 ? 1 : images;
    const data = Float32Array.from({ length: batch * 3 * size * size }, (_, i) => Math.sin(0.37 * i));
    const [result] = Object.values(
      await model.run({ input: { dtype: "float32", shape: [batch, 3, size, size], data } }),
    );
    return result?.data as Float32Array; // every output here is float32
  } finally {
    await model.close();
  }
}
function relative(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  expect(scale).toBeGreaterThan(0.01);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] ?? 0))), 0) / scale;
}
const ops = (graph: Graph): string => graph.nodes.map((n) => n.op).join(" ");

describe("gate-to-conv", () => {
  test.each(readdirSync(EXPORTED))("makes the shortest form of %s", async (file) => {
    const before = await outputs(await exported(file), 12);
    const graph = await exported(file);
    const { applied, skipped } = gateToConv.run(graph);
    removeDeadCode.run(graph);
    expect({ applied, skipped }).toEqual({ applied: file.startsWith("conv-") ? 0 : 1, skipped: [] });
    const form = graph.nodes.filter((n) =>
      /Reshape|Expand|Shape|Gather|MatMul|Gemm|Flatten|Unsqueeze|Reduce/.test(n.op),
    );
    expect(form.map((n) => n.op)).toEqual([]);
    expect(check(graph)).toEqual([]);
    expect(findSqueezeExcite(graph)).toMatchObject([{ form: "conv", channels: 32, hidden: 8 }]);
    expect(relative(await outputs(graph, 12), before)).toBeLessThan(1e-6);
  });

  test.each(["squeeze", "gate"])("declines where the %s is rounded on the way", async (what) => {
    const half = (v: Value): Value => cast(cast(v, { to: dataType("float16") }), { to: dataType("float32") });
    const graph = new Graph("g");
    const x = graph.input("x", f32("N", 16, 4, 4));
    const s = new Scope(graph);
    const squeezed = globalAveragePool(what === "squeeze" ? half(x) : x);
    const gate = sigmoid(linear(relu(linear(flatten(squeezed), s.at("fc1"), 4)), s.at("fc2"), 16));
    const whole = reshape(what === "gate" ? half(gate) : gate, graph.constant("shape", int64s([0, 16, 1, 1])));
    graph.output(mul(x, whole));
    expect(findSqueezeExcite(graph)).toHaveLength(1);
    expect(gateToConv.run(graph)).toMatchObject({ applied: 0, skipped: [{ reason: /another precision/ }] });
  });

  test("of our own networks, biases or none", async () => {
    for (const bias of [false, true]) {
      const graph = network({ se: { bias } });
      const before = await outputs(network({ se: { bias } }), 32);
      expect(gateToConv.run(graph)).toEqual({ applied: 8, skipped: [] });
      removeDeadCode.run(graph);
      expect(check(graph)).toEqual([]);
      expect(ops(graph).match(/Gemm/g)).toHaveLength(1);
      expect(relative(await outputs(graph, 32), before)).toBeLessThan(1e-6);
      expect(gateToConv.run(graph)).toEqual({ applied: 0, skipped: [] });
    }
  });

  test("leaves other squeezes, with the reason", () => {
    const { applied, skipped } = gateToConv.run(network({ se: { squeeze: maxSqueeze } }));
    expect(applied).toBe(0);
    expect(skipped).toHaveLength(8);
    expect(skipped[0]).toEqual({
      node: "layer1.0.se",
      reason: "its squeeze is max, and only the mean is rewritten",
    });
  });

  test("leaves a block on sequences [N,C,L]", () => {
    const graph = new Graph("sequences");
    const x = graph.input("x", f32(1, 8, 9));
    const scope = new Scope(graph);
    const squeezed = flatten(globalAveragePool(x));
    const gate = sigmoid(linear(relu(linear(squeezed, scope.at("fc1"), 4)), scope.at("fc2"), 8));
    graph.output(mul(x, reshape(gate, graph.constant("shape", int64s([1, 8, 1]))), { name: "scale" }));
    expect(gateToConv.run(graph)).toEqual({
      applied: 0,
      skipped: [{ node: "scale", reason: "its map has rank 3, and not [N,C,H,W]" }],
    });
  });
});

describe("hoist-squeeze", () => {
  test.each([
    ["no biases", { block: squeezeExciteConv }],
    ["biases", { block: squeezeExciteConv, bias: true }],
    ["matrices", { block: squeezeExcite }],
    ["matrices with biases", { block: squeezeExcite, bias: true }],
  ])("squeezes before the last 1x1 of a bottleneck: %s", async (_, se) => {
    const before = await outputs(network({ se }, resnet50), 32);
    const graph = network({ se }, resnet50);
    expect(hoistSqueeze.run(graph)).toEqual({ applied: 16, skipped: [] });
    removeDeadCode.run(graph);
    expect(check(graph)).toEqual([]);
    const pools = graph.nodes.filter((n) => n.op === "GlobalAveragePool" && n.name !== "avgpool");
    expect(pools.map((n) => n.inputs[0]?.producer?.op)).toEqual(Array(16).fill("Relu"));
    expect(relative(await outputs(graph, 32), before)).toBeLessThan(2e-6);
  });

  test.each<[string, Graph, RegExp]>([
    ["a basic block's 3x3", network({ se: { block: squeezeExciteConv } }), /is no 1x1 of stride 1/],
    ["a sum", network({ se: { block: squeezeExciteConv, where: "post" } }), /no convolution makes what it scales/],
    ["a maximum", network({ se: { squeeze: maxSqueeze } }), /its squeeze is max, and only the mean commutes/],
  ])("leaves %s, with the reason", (_, graph, reason) => {
    const { applied, skipped } = hoistSqueeze.run(graph);
    expect(applied).toBe(0);
    expect(skipped).toHaveLength(8);
    for (const skip of skipped) expect(skip.reason).toMatch(reason);
  });

  test("leaves forms that gate-to-conv makes shorter", async () => {
    const { applied, skipped } = hoistSqueeze.run(await exported("mean-index.onnx"));
    expect([applied, skipped.map(({ reason }) => reason)]).toEqual([
      0,
      [expect.stringMatching(/gate-to-conv makes them so/)],
    ]);
  });
});

describe("scale-weights", () => {
  const large: NetworkOptions = { inputSize: 64, batch: 8, classes: 5 };

  test.each([
    [1, false],
    [8, true],
  ])("gives each of %s images weights of its own, SE with biases: %s", async (batch, bias) => {
    const options = { ...large, batch, se: { bias }, features: ["layer1"] };
    const before = await outputs(network(options, resnet50), 64, batch);
    const graph = network(options, resnet50);
    for (const pass of [gateToConv, hoistSqueeze]) pass.run(graph);
    expect(scaleWeights.run(graph)).toEqual({ applied: 3, skipped: [] });
    removeDeadCode.run(graph);
    expect(check(graph)).toEqual([]);
    expect(
      graph.nodes.filter((n) => n.attributes.strides?.kind === "ints" && n.attributes.strides.value.join() === "2,1"),
    ).toMatchObject(Array(3).fill({ op: "Conv", attributes: batch === 1 ? {} : { group: { value: batch } } }));
    expect(relative(await outputs(graph, 64, batch), before)).toBeLessThan(5e-6);
  });

  test.each<[string, NetworkOptions, Architecture, number, RegExp]>([
    ["a batch that is not known", { batch: "dynamic" }, resnet50, 16, /give --batch/],
    ["a gate after the sum", { se: { where: "post" } }, resnet50, 0, /never/],
    ["small maps", { inputSize: 32 }, resnet50, 13, /the map is not 4 times as large as the weights/],
    ["wide kernels", {}, resnet18, 8, /no 1x1 of stride 1/],
  ])("leaves %s, with the reason", (_, options, architecture, places, reason) => {
    const graph = network({ ...large, ...options }, architecture);
    for (const pass of [gateToConv, hoistSqueeze]) pass.run(graph);
    const { applied, skipped } = scaleWeights.run(graph);
    expect(applied).toBe(0);
    expect(skipped).toHaveLength(places);
    for (const skip of skipped) expect(skip.reason).toMatch(reason);
  });

  test("leaves float16", () => {
    const graph = network(large, resnet50);
    for (const pass of [gateToConv, hoistSqueeze, convertFloat16]) pass.run(graph);
    const reasons = scaleWeights.run(graph).skipped.map(({ reason }) => reason);
    expect(reasons).toContain("only float32 is rewritten");
    expect(spreadGate.run(graph).skipped.map(({ reason }) => reason)).toContain("only float32 is rewritten");
  });

  test("leaves what its own squeeze reads", () => {
    const graph = network({ ...large, features: ["layer1"] }, resnet50);
    gateToConv.run(graph);
    const { applied, skipped } = scaleWeights.run(graph);
    expect(applied).toBe(0);
    expect(skipped.map(({ reason }) => reason)).toEqual(Array(3).fill("something else reads what it scales"));
  });
});

describe("spread-gate", () => {
  const larger: NetworkOptions = { inputSize: 64 }; // at 32 pixels the last maps are one pixel each, as gates are
  test.each<[string, NetworkOptions, Architecture, number]>([
    ["a basic block", { ...larger, batch: 2 }, resnet18, 8],
    ["a bottleneck of a batch that is not known", { ...larger, batch: "dynamic" }, resnet50, 16],
  ])("makes gate and map of %s of one shape", async (_, options, architecture, places) => {
    const before = await outputs(network(options, architecture), 64);
    const graph = network(options, architecture);
    for (const pass of [gateToConv, hoistSqueeze]) pass.run(graph);
    expect(spreadGate.run(graph)).toEqual({ applied: places, skipped: [] });
    removeDeadCode.run(graph);
    expect(check(graph)).toEqual([]);
    const count = (op: string): number => graph.nodes.filter((n) => n.op === op).length;
    expect([count("Resize"), count("Mul")]).toEqual([places, places]);
    expect(relative(await outputs(graph, 64), before)).toBeLessThan(2e-6);
  });

  test("leaves no map in the plain layout in ONNX Runtime for processors", async () => {
    const folder = mkdtempSync(join(tmpdir(), "se-onnx-"));
    const reorders = async (graph: Graph): Promise<number> => {
      const optimizedModelFilePath = join(folder, "optimized.onnx");
      const session = await InferenceSession.create(await encodeToBytes(graph), { optimizedModelFilePath });
      await session.release();
      const { nodes } = await decode(readFileSync(optimizedModelFilePath));
      return nodes.filter(({ op }) => op.startsWith("Reorder")).length;
    };
    const graph = network({ ...larger, batch: 1, se: { r: 4 } });
    gateToConv.run(graph);
    removeDeadCode.run(graph);
    const before = await reorders(graph);
    spreadGate.run(graph);
    removeDeadCode.run(graph);
    expect([before, await reorders(graph)]).toEqual([27, 1]);
    rmSync(folder, { recursive: true });
  });

  test("leaves a map whose size is not known, with the reason", () => {
    const graph = new Graph("g", { opset: 18 });
    const weight = graph.constant("weight", float32s(Array(64).fill(0.1), [8, 8, 1, 1]));
    const x = conv(graph.input("x", f32("N", 8, "H", "W")), weight);
    const gate = sigmoid(conv(globalAveragePool(x), weight));
    graph.output(add(mul(x, gate, { name: "scale" }), graph.input("shortcut", f32("N", 8, "H", "W"))));
    const reason = "the size of its map is not known: give --input-size";
    expect(spreadGate.run(graph)).toEqual({ applied: 0, skipped: [{ node: "scale", reason }] });
  });

  test.each<[string, NetworkOptions, number, RegExp]>([
    ["an old opset", { ...larger, opset: 11 }, 8, /it needs opset 13/],
    ["a gate after the sum", { ...larger, se: { where: "post" } }, 8, /not made by convolutions/],
  ])("leaves %s, with the reason", (_, options, places, reason) => {
    const graph = network(options);
    gateToConv.run(graph);
    const { applied, skipped } = spreadGate.run(graph);
    expect(applied).toBe(0);
    expect(skipped).toHaveLength(places);
    for (const skip of skipped) expect(skip.reason).toMatch(reason);
  });
});

describe("gate-to-kernel", () => {
  const one: NetworkOptions = { inputSize: 64, batch: 1, classes: 5 };

  test.each<[string, boolean, Architecture, number]>([
    ["a basic block", false, resnet18, 5],
    ["a bottleneck with biases", true, resnet50, 12],
  ])("makes the gate of %s the kernel of a convolution that takes the sum", async (_, bias, architecture, places) => {
    const options = { ...one, se: { bias } };
    const before = await outputs(network(options, architecture), 64);
    const graph = network(options, architecture);
    gateToConv.run(graph);
    const { applied, skipped } = gateToKernel.run(graph);
    expect(applied).toBe(places);
    for (const skip of skipped) expect(skip.reason).toMatch(/on the other side of the sum takes the sum/);
    removeDeadCode.run(graph);
    expect(check(graph)).toEqual([]);
    expect(graph.nodes.filter((n) => n.op === "Mul")).toHaveLength(skipped.length);
    expect(relative(await outputs(graph, 64), before)).toBeLessThan(2e-6);
  });

  test("leaves fewer kernels in ONNX Runtime for WebAssembly", async () => {
    const kernels = async (graph: Graph): Promise<number> => {
      const model = await open(await encodeToBytes(graph), { device: "wasm", optimize: false });
      const { wasm } = await model.placement();
      await model.close();
      return wasm?.nodes ?? 0;
    };
    const graph = network(one);
    gateToConv.run(graph);
    removeDeadCode.run(graph);
    const before = await kernels(graph);
    const { applied } = gateToKernel.run(graph);
    poolToMean.run(graph);
    removeDeadCode.run(graph);
    expect(before - (await kernels(graph))).toBe(2 * applied + 1);
  });

  test.each<[string, NetworkOptions, number, RegExp]>([
    ["a batch that is not known", { batch: "dynamic" }, 8, /give --batch/],
    ["two images", { batch: 2 }, 8, /it is of 2 images, and a kernel is the gate of one/],
    ["a gate after the sum", { se: { where: "post" } }, 8, /no sum with another map/],
  ])("leaves %s, with the reason", (_, options, places, reason) => {
    const graph = network({ ...one, ...options });
    gateToConv.run(graph);
    const { applied, skipped } = gateToKernel.run(graph);
    expect(applied).toBe(0);
    expect(skipped).toHaveLength(places);
    for (const skip of skipped) expect(skip.reason).toMatch(reason);
  });

  test("leaves gates that callers read", () => {
    const graph = network(one);
    gateToConv.run(graph);
    const blocks = findSqueezeExcite(graph);
    for (const { gate } of blocks) graph.output(gate);
    expect(new Set(gateToKernel.run(graph).skipped.map((s) => s.reason))).toEqual(
      new Set(["something else reads its gate"]),
    );
  });
});

describe("pool-to-mean", () => {
  test.each([[13], [18]])("makes one operator of the last pool at opset %s", async (opset) => {
    const options = { opset, se: null, inputSize: 32 };
    const before = await outputs(network(options), 32);
    const graph = network(options);
    expect(poolToMean.run(graph)).toEqual({ applied: 1, skipped: [] });
    removeDeadCode.run(graph);
    expect(check(graph)).toEqual([]);
    expect(ops(graph)).toMatch(/ReduceMean Gemm$/);
    expect(relative(await outputs(graph, 32), before)).toBeLessThan(1e-6);
  });

  test("leaves a pool that something else reads", () => {
    const graph = new Graph("g");
    const pooled = globalAveragePool(graph.input("x", f32("N", 16, 4, 4)), { name: "pool" });
    graph.output(flatten(pooled));
    graph.output(relu(pooled));
    expect(poolToMean.run(graph)).toMatchObject({ applied: 0, skipped: [{ reason: /is read elsewhere too/ }] });
  });
});
