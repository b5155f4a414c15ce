import { describe, expect, test } from "vitest";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import { resnet18 } from "../../models/resnet.js";
import { squeezeExciteConv } from "../../models/se-block.js";
import { check } from "../../src/graph/check.js";
import type { DType } from "../../src/graph/dtype.js";
import { insertBefore, remove, replace } from "../../src/graph/edit.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { add } from "../../src/graph/ops/add.js";
import { batchNormalization } from "../../src/graph/ops/batch-normalization.js";
import { conv } from "../../src/graph/ops/conv.js";
import { dropout } from "../../src/graph/ops/dropout.js";
import { identity } from "../../src/graph/ops/identity.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import type { Parameter } from "../../src/graph/parameter.js";
import { rewrite } from "../../src/graph/pass.js";
import { foldBatchNorm } from "../../src/graph/passes/fold-batch-norm.js";
import { passes } from "../../src/graph/passes/index.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { removeIdentity } from "../../src/graph/passes/remove-identity.js";
import { initialize } from "../../src/graph/random.js";
import { asFloat32, float32s, readAll, type Tensor, tensor } from "../../src/graph/tensor.js";
import { elements, f32, show, tensorType } from "../../src/graph/type.js";
import { type Numbers, numbers, run } from "./evaluate.js";

const ops = (graph: Graph): string[] => graph.nodes.map((n) => n.op);
const interfaceOf = (graph: Graph): string[] =>
  [...graph.inputs, ...graph.outputs].map((v) => `${v.name}: ${show(v.type)}`);

/** Numbers in (-1, 1) that a formula gives, different for each `phase`. */
const wave = (shape: readonly number[], phase: number): Tensor =>
  float32s(
    Array.from({ length: elements(shape) }, (_, i) => Math.sin(1.7 * i + phase)),
    shape,
  );
const positive = (shape: readonly number[], phase: number): Tensor =>
  float32s(
    Array.from({ length: elements(shape) }, (_, i) => 1.5 + Math.sin(1.3 * i + phase)),
    shape,
  );
const image = (shape: readonly number[]): Numbers =>
  numbers(
    shape,
    Array.from({ length: elements(shape) }, (_, i) => Math.cos(0.9 * i)),
  );
const floatsOf = async (v: Value | null | undefined): Promise<Float32Array> => asFloat32(await readAll(v!.constant!));

async function expectClose(actual: Record<string, Numbers>, expected: Record<string, Numbers>): Promise<void> {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { shape, values }] of Object.entries(expected)) {
    expect(actual[name]?.shape).toEqual(shape);
    const scale = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(scale).toBeGreaterThan(0);
    const error = values.reduce((most, v, i) => Math.max(most, Math.abs(v - actual[name]!.values[i]!)), 0);
    expect(error / scale).toBeLessThan(1e-6);
  }
}

interface NormalizedConv {
  readonly graph: Graph;
  readonly convolved: Value;
  readonly normalized: Value;
  readonly parameters: Readonly<Record<"w" | "gamma" | "beta" | "mean" | "variance", Tensor>> & {
    readonly b: Tensor | null;
  };
}
/** x [2,4,5,5] -> Conv "conv1" of 6 channels in 2 groups, stride 2 -> BatchNormalization "bn1" = output "y". */
function normalizedConv({ bias = true, name = "conv1.weight", twice = false } = {}): NormalizedConv {
  const graph = new Graph("g");
  const x = graph.input("x", f32(2, 4, 5, 5));
  const parameters = {
    w: wave([6, 2, 3, 3], 0),
    b: bias ? wave([6], 1) : null,
    gamma: wave([6], 2),
    beta: wave([6], 3),
    mean: wave([6], 4),
    variance: positive([6], 5),
  };
  const c = (key: string, t: Tensor): Value => graph.constant(key, t);
  const convolved = conv(x, c(name, parameters.w), parameters.b && c("conv1.bias", parameters.b), {
    name: "conv1",
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    group: 2,
  });
  const normalize = (x: Value, name: string): Value =>
    batchNormalization(
      x,
      c(`${name}.weight`, parameters.gamma),
      c(`${name}.bias`, parameters.beta),
      c(`${name}.running_mean`, parameters.mean),
      c(`${name}.running_var`, parameters.variance),
      { name, epsilon: 1e-3 },
    );
  const normalized = normalize(convolved, "bn1");
  graph.output(twice ? normalize(normalized, "bn2") : normalized, "y");
  return { graph, convolved, normalized, parameters };
}

describe("fold-batch-norm", () => {
  test.each([true, false])("writes k W and k (b - mean) + beta, with bias: %s", async (bias) => {
    const { graph, parameters: p } = normalizedConv({ bias });
    expect(foldBatchNorm.run(graph)).toEqual({ applied: 1, skipped: [] });
    removeDeadCode.run(graph);

    expect(ops(graph)).toEqual(["Conv"]);
    const node = graph.nodes[0]!;
    expect(node).toMatchObject({ name: "conv1" });
    expect(node.outputs[0]).toBe(graph.outputs[0]);
    expect(node.inputs.map((v) => v?.name)).toEqual(["x", "conv1.weight", "conv1.bias"]);
    expect(graph.constants.map((c) => c.name)).toEqual(["conv1.weight", "conv1.bias"]);

    const data = async (t: Tensor | null) => (t ? asFloat32(await readAll(t)) : null);
    const [w, b, gamma, beta, mean, variance] = await Promise.all(
      [p.w, p.b, p.gamma, p.beta, p.mean, p.variance].map(data),
    );
    const k = Array.from(gamma!, (g, c) => g / Math.sqrt(variance![c]! + 1e-3));
    const perChannel = w!.length / 6;
    expect(await floatsOf(node.inputs[1])).toEqual(Float32Array.from(w!, (v, i) => v * k[Math.floor(i / perChannel)]!));
    expect(await floatsOf(node.inputs[2])).toEqual(
      Float32Array.from(beta!, (v, c) => v + k[c]! * ((b?.[c] ?? 0) - mean![c]!)),
    );
  });

  test.each([true, false])("leaves the numbers as they were, with bias: %s", async (bias) => {
    const feeds = { x: image([2, 4, 5, 5]) };
    const { graph } = normalizedConv({ bias });
    const expected = await run(graph, feeds);
    foldBatchNorm.run(graph);
    removeDeadCode.run(graph);
    await expectClose(await run(graph, feeds), expected);
    expect(expected.y?.shape).toEqual([2, 6, 3, 3]);
  });

  test("keeps the convolution's attributes, and the output's name and type", () => {
    const { graph } = normalizedConv();
    const before = interfaceOf(graph);
    foldBatchNorm.run(graph);
    expect(interfaceOf(graph)).toEqual(before);
    expect(graph.outputs[0]?.producer?.attributes).toMatchObject({
      strides: { kind: "ints", value: [2, 2] },
      pads: { kind: "ints", value: [1, 1, 1, 1] },
      group: { kind: "int", value: 2 },
    });
    expect(check(graph)).toEqual([]);
  });

  test("reads any range of the new weight alone", async () => {
    const { graph } = normalizedConv();
    foldBatchNorm.run(graph);
    const weight = graph.outputs[0]?.producer?.inputs[1]?.constant;
    const whole = await readAll(weight!);
    for (const [start, end] of [
      [0, 4],
      [60, 80],
      [72, 144],
      [140, 148],
      [428, 432],
    ] as const)
      expect(await weight!.read(start, end)).toEqual(whole.slice(start, end));
  });

  test("reads no byte before the new weights are read", async () => {
    const { graph } = normalizedConv();
    const reads: string[] = [];
    const counted = new Graph("g");
    const watched = (key: string): Value => {
      const source = graph.constants.find((c) => c.name === key)!.constant!;
      const read: Tensor["read"] = (start, end) => {
        reads.push(key);
        return source.read(start, end);
      };
      return counted.constant(key, { ...source, data: null, read });
    };
    const convolved = conv(counted.input("x", f32("N", 4, 5, 5)), watched("conv1.weight"), null, { group: 2 });
    const keys = ["bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"] as const;
    const [scale, bias, mean, variance] = keys.map(watched);
    counted.output(batchNormalization(convolved, scale!, bias!, mean!, variance!));
    expect(foldBatchNorm.run(counted).applied).toBe(1);
    expect(reads).toEqual([]);
    const [, weight, shift] = counted.outputs[0]!.producer!.inputs;
    await readAll(weight!.constant!);
    await weight!.constant!.read(0, 4);
    await readAll(shift!.constant!);
    expect(reads.filter((k) => k === "bn1.weight")).toHaveLength(1);
    expect(reads.filter((k) => k === "bn1.running_var")).toHaveLength(1);
  });

  test("names a new bias after the weight", () => {
    const biasName = (name: string): string | undefined => {
      const { graph } = normalizedConv({ bias: false, name });
      foldBatchNorm.run(graph);
      return graph.outputs[0]?.producer?.inputs[2]?.name;
    };
    expect(biasName("layer1.0.conv1.weight")).toBe("layer1.0.conv1.bias");
    expect(biasName("W")).toBe("W.bias");
  });

  test("folds two normalisations, one after the other", async () => {
    const feeds = { x: image([2, 4, 5, 5]) };
    const { graph } = normalizedConv({ twice: true });
    const expected = await run(graph, feeds);
    expect(foldBatchNorm.run(graph)).toEqual({ applied: 2, skipped: [] });
    removeDeadCode.run(graph);
    expect(ops(graph)).toEqual(["Conv"]);
    await expectClose(await run(graph, feeds), expected);
  });

  const declines = (name: string, edit: (n: NormalizedConv) => void, reason: string | null): void => {
    test(name, () => {
      const made = normalizedConv();
      edit(made);
      const before = ops(made.graph);
      const skipped = reason === null ? [] : [{ node: "bn1", reason }];
      expect(foldBatchNorm.run(made.graph)).toEqual({ applied: 0, skipped });
      expect(ops(made.graph)).toEqual(before);
      expect(check(made.graph)).toEqual([]);
    });
  };
  declines(
    "declines where the convolution is read elsewhere",
    ({ graph, convolved }) => graph.output(relu(convolved), "r"),
    "'conv1' is read elsewhere too",
  );
  declines(
    "declines where the convolution is an output",
    ({ graph, convolved }) => graph.output(convolved, "features"),
    "'features' is read elsewhere too",
  );
  for (const key of ["conv1.weight", "conv1.bias", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"])
    declines(
      `declines where ${key} is no constant`,
      ({ graph }) => {
        const constant = graph.constants.find((c) => c.name === key)!;
        replace(constant, graph.input(`fed ${key}`, constant.type));
      },
      "not all parameters are constants",
    );
  declines(
    "says nothing of a normalisation behind something else",
    ({ graph, convolved, normalized }) =>
      replace(
        convolved,
        insertBefore(normalized.producer!, () => relu(graph.input("x2", f32(2, 6, 3, 3)))),
      ),
    null,
  );

  const inDtype = (dtypes: { readonly x: DType; readonly parameters: DType }): Graph => {
    const graph = new Graph("g");
    const zeros = (dtype: DType, ...shape: number[]): Value =>
      graph.constant(
        `${shape}`,
        tensor(dtype, shape, new Uint8Array(elements(shape) * (dtype === "float64" ? 8 : dtype === "float32" ? 4 : 2))),
      );
    const x = graph.input("x", tensorType(dtypes.x, ["N", 1, 2, 2]));
    const parameter = zeros(dtypes.parameters, 1);
    const convolved = conv(x, zeros(dtypes.x, 1, 1, 1, 1));
    graph.output(batchNormalization(convolved, parameter, parameter, parameter, parameter, { name: "bn1" }));
    return graph;
  };
  test.each([
    ["float16", "float16", "float16"],
    ["float64", "float64", "float64"],
    ["bfloat16", "float32", "bfloat16"],
    ["float32", "float16", "float16"],
  ] as const)("declines for x in %s with parameters in %s", (x, parameters, named) => {
    const graph = inDtype({ x, parameters });
    const reason = `only float32 is folded, and a parameter is ${named}`;
    expect(foldBatchNorm.run(graph)).toEqual({ applied: 0, skipped: [{ node: "bn1", reason }] });
    expect(foldBatchNorm.run(inDtype({ x: "float32", parameters: "float32" })).applied).toBe(1);
  });

  test("says nothing of a normalisation in training, or a convolution that pads by itself", () => {
    const { graph, normalized } = normalizedConv();
    const [node] = graph.nodes;
    const padded = insertBefore(normalized.producer!, () =>
      graph.add({
        ...node!,
        outputs: [{ name: "c", type: node!.outputs[0]!.type }],
        attributes: { ...node!.attributes, auto_pad: { kind: "string", value: "SAME_UPPER" } },
      }),
    );
    replace(node!.outputs[0]!, padded.outputs[0]!);
    expect(foldBatchNorm.run(graph)).toEqual({ applied: 0, skipped: [] });
    const training = normalizedConv();
    const bn = training.normalized.producer!;
    const trained = training.graph.add({
      ...bn,
      outputs: [{ name: "t", type: training.normalized.type }],
      attributes: { ...bn.attributes, training_mode: { kind: "int", value: 1 } },
    });
    replace(training.normalized, trained.outputs[0]!);
    remove(bn);
    expect(foldBatchNorm.run(training.graph)).toEqual({ applied: 0, skipped: [] });
  });

  test("leaves weights that two convolutions share to the other one", async () => {
    const { graph, parameters } = normalizedConv();
    const w = graph.constants.find((c) => c.name === "conv1.weight")!;
    graph.output(conv(graph.inputs[0]!, w, null, { name: "sibling", group: 2 }), "other");
    expect(foldBatchNorm.run(graph).applied).toBe(1);
    removeDeadCode.run(graph);
    expect(await floatsOf(graph.outputs[1]?.producer?.inputs[1])).toEqual(asFloat32(await readAll(parameters.w)));
    expect(check(graph)).toEqual([]);
  });

  test("declines in a body that normalises what the graph around it convolves", () => {
    const { graph, convolved, normalized } = normalizedConv();
    const { outputs, ...bn } = normalized.producer!;
    const body = new Graph("body", { parent: graph });
    body.output(body.add({ ...bn, outputs: [{ name: "inner", type: convolved.type }] }).outputs[0]!);
    const attributes = { body: { kind: "graph", value: body } } as const;
    const loop = graph.add({
      op: "Loop",
      name: "",
      inputs: [],
      outputs: [{ name: "l", type: outputs[0]!.type }],
      attributes,
    });
    replace(normalized, loop.outputs[0]!);
    remove(normalized.producer!);
    const reason = "'conv1' is made outside this body";
    expect(foldBatchNorm.run(body)).toEqual({ applied: 0, skipped: [{ node: "bn1", reason }] });
    expect(ops(graph)).toEqual(["Conv", "Loop"]);
    expect(check(graph)).toEqual([]);
  });
});

describe("remove-identity", () => {
  /** x -> Relu "r" -> `make` = output "y". */
  const behindRelu = (make: (v: Value) => Value) => {
    const graph = new Graph("g");
    const r = relu(graph.input("x", f32(2, 3)), { name: "r" });
    const made = make(r);
    graph.output(made, "y");
    return { graph, r, made };
  };

  test.each([
    ["an Identity", (v: Value) => identity(v)],
    ["a Dropout", (v: Value) => dropout(v)],
    ["a chain of them", (v: Value) => dropout(identity(identity(v)))],
  ] as const)("takes out %s, and the output keeps its name", (_, make) => {
    const { graph, r } = behindRelu(make);
    const count = graph.nodes.length - 1;
    expect(removeIdentity.run(graph)).toEqual({ applied: count, skipped: [] });
    expect(ops(graph)).toEqual(["Relu"]);
    expect(graph.outputs).toEqual([r]);
    expect(r.name).toBe("y");
    expect(check(graph)).toEqual([]);
  });

  test("takes out one between nodes, at the input and of a constant", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const c = graph.constant("c", float32s([1, 2]));
    graph.output(relu(add(identity(x), identity(identity(c)))), "y");
    expect(removeIdentity.run(graph)).toEqual({ applied: 3, skipped: [] });
    expect(ops(graph)).toEqual(["Add", "Relu"]);
    expect(graph.nodes[0]?.inputs).toEqual([x, c]);
    expect([x.name, c.name]).toEqual(["x", "c"]);
  });

  test("takes out one that a subgraph reads", () => {
    const { graph, r, made } = behindRelu(identity);
    const body = new Graph("body", { parent: graph });
    const inner = body.add({ op: "Relu", name: "", inputs: [made], outputs: [{ name: "i", type: f32(2, 3) }] });
    body.output(inner.outputs[0]!);
    const attributes = { body: { kind: "graph", value: body } } as const;
    graph.output(
      graph.add({ op: "Loop", name: "", inputs: [], outputs: [{ name: "l", type: null }], attributes }).outputs[0]!,
    );
    expect(removeIdentity.run(graph).applied).toBe(1);
    expect(inner.inputs).toEqual([r]);
    expect(check(graph)).toEqual([]);
  });

  test("an output keeps the type that was declared", () => {
    const { graph, r } = behindRelu((v) => {
      const node = v.graph.add({ op: "Identity", name: "", inputs: [v], outputs: [{ name: "i", type: f32("N", 3) }] });
      return node.outputs[0]!;
    });
    expect(removeIdentity.run(graph).applied).toBe(1);
    expect(graph.outputs).toEqual([r]);
    expect(interfaceOf(graph)).toEqual(["x: float32[2,3]", "y: float32[N,3]"]);
  });

  test("declines between an input and an output", () => {
    const graph = new Graph("g");
    graph.output(identity(graph.input("x", f32(2)), { name: "i" }), "y");
    const reason = "'x' and the output 'y' are both names that callers know";
    expect(removeIdentity.run(graph)).toEqual({ applied: 0, skipped: [{ node: "i", reason }] });
    expect(ops(graph)).toEqual(["Identity"]);
    expect(interfaceOf(graph)).toEqual(["x: float32[2]", "y: float32[2]"]);
  });

  test("declines between a constant and an output", () => {
    const graph = new Graph("g");
    graph.output(identity(graph.constant("c", float32s([1])), { name: "i" }), "y");
    const reason = "'c' and the output 'y' are both names that callers know";
    expect(removeIdentity.run(graph)).toEqual({ applied: 0, skipped: [{ node: "i", reason }] });
  });

  test("declines between two outputs", () => {
    const { graph, r } = behindRelu((v) => identity(v, { name: "i" }));
    graph.output(r, "z");
    expect(removeIdentity.run(graph)).toEqual({ applied: 0, skipped: [{ node: "i", reason: "'z' is an output too" }] });
    expect(graph.outputs.map((v) => v.name)).toEqual(["y", "z"]);
  });

  test("of two that make outputs of one value, takes out one", () => {
    const { graph, r } = behindRelu((v) => identity(v, { name: "i" }));
    graph.output(identity(r, { name: "j" }), "z");
    expect(removeIdentity.run(graph)).toEqual({ applied: 1, skipped: [{ node: "j", reason: "'y' is an output too" }] });
    expect(graph.outputs.map((v) => v.name)).toEqual(["y", "z"]);
    expect(check(graph)).toEqual([]);
  });

  test("declines where a body's output would be a value of the graph around it", () => {
    const { graph, r } = behindRelu(sigmoid);
    const body = new Graph("body", { parent: graph });
    body.output(
      body.add({ op: "Identity", name: "i", inputs: [r], outputs: [{ name: "o", type: f32(2, 3) }] }).outputs[0]!,
    );
    const reason = "the output 'o' would be a value of the outer graph";
    expect(removeIdentity.run(body)).toEqual({ applied: 0, skipped: [{ node: "i", reason }] });
  });

  test("says nothing of a Dropout that trains or whose mask is read", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const training = graph.constant("t", tensor("bool", [], Uint8Array.of(1)));
    graph.output(dropout(x, null, training), "y");
    const outputs = ["d", "mask"].map((name) => ({ name, type: null }));
    graph.output(graph.add({ op: "Dropout", name: "", inputs: [relu(x)], outputs }).outputs[1]!);
    expect(removeIdentity.run(graph)).toEqual({ applied: 0, skipped: [] });
    expect(ops(graph)).toEqual(["Dropout", "Relu", "Dropout"]);
  });
});

describe("remove-dead-code", () => {
  test("takes out what no output needs, however long the chain, with its constants", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const used = graph.constant("used", float32s([1, 2]));
    graph.output(add(x, used), "y");
    relu(sigmoid(add(x, graph.constant("dead", float32s([1, 2])))));
    graph.sparseConstant("sparse", { dtype: "float32", shape: [2], values: float32s([]), indices: float32s([]) });
    expect(removeDeadCode.run(graph)).toEqual({ applied: 3, skipped: [] });
    expect(ops(graph)).toEqual(["Add"]);
    expect(graph.constants).toEqual([used]);
    expect(graph.sparseConstants.size).toBe(0);
    expect(graph.inputs).toEqual([x]);
  });

  test("leaves what is read by a subgraph, by an output, or for one of several outputs", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const r = relu(x);
    const body = new Graph("body", { parent: graph });
    body.output(body.add({ op: "Neg", name: "", inputs: [r], outputs: [{ name: "n", type: null }] }).outputs[0]!);
    const attributes = { body: { kind: "graph", value: body } } as const;
    const loop = graph.add({ op: "Loop", name: "", inputs: [], outputs: [{ name: "l", type: null }], attributes });
    const outputs = ["values", "indices"].map((name) => ({ name, type: null }));
    const topK = graph.add({ op: "TopK", name: "", inputs: [x], outputs });
    graph.output(topK.outputs[1]!);
    graph.output(loop.outputs[0]!);
    expect(removeDeadCode.run(graph)).toEqual({ applied: 0, skipped: [] });
    expect(ops(graph)).toEqual(["Relu", "Loop", "TopK"]);
  });

  test("takes out a node with a subgraph, and then what only that read", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const body = new Graph("body", { parent: graph });
    body.output(body.add({ op: "Neg", name: "", inputs: [relu(x)], outputs: [{ name: "n", type: null }] }).outputs[0]!);
    const attributes = { body: { kind: "graph", value: body } } as const;
    graph.add({ op: "Loop", name: "", inputs: [], outputs: [{ name: "l", type: null }], attributes });
    graph.output(sigmoid(x), "y");
    expect(removeDeadCode.run(graph).applied).toBe(2);
    expect(ops(graph)).toEqual(["Sigmoid"]);
  });

  test("finds nothing where everything is needed", () => {
    const { graph } = normalizedConv();
    expect(removeDeadCode.run(graph)).toEqual({ applied: 0, skipped: [] });
    expect(graph.constants).toHaveLength(6);
  });
});

describe("rewrite", () => {
  test("offers every node of its operator, and reports each answer", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const made = ["apply", "skip", "ignore"].map((name) => relu(x, { name }));
    for (const v of made) graph.output(sigmoid(v), `${v.name} out`);
    const pass = rewrite("relu-to-sigmoid", relu, ({ x: input, node }) => {
      if (node.name === "apply") return sigmoid(input, { name: "instead" });
      return node.name === "skip" ? "it may not be" : null;
    });
    expect(pass.name).toBe("relu-to-sigmoid");
    expect(pass.run(graph)).toEqual({ applied: 1, skipped: [{ node: "skip", reason: "it may not be" }] });
    expect(ops(graph)).toEqual(["Sigmoid", "Relu", "Relu", "Sigmoid", "Sigmoid", "Sigmoid"]);
    expect(graph.nodes[3]?.inputs[0]).toBe(graph.nodes[0]?.outputs[0]);
    expect(check(graph)).toEqual([]);
  });
});

describe("every pass", () => {
  const se = { r: 16, bias: false, form: "gemm" } as const;
  const networks: readonly (readonly [string, NetworkOptions])[] = [
    ["SE-ResNet-18", {}],
    ["ResNet-18", { se: null }],
    ["SE of convolutions with bias", { se: { ...se, block: squeezeExciteConv, bias: true } }],
    ["SE in two stages, r = 4", { se: { ...se, r: 4, stages: [3, 5] } }],
    ["three grey images of 96x96 at opset 13", { batch: 3, inChans: 1, inputSize: 96, opset: 13, classes: 7 }],
  ];
  const network = (options: NetworkOptions): { readonly graph: Graph; readonly parameters: readonly Parameter[] } => {
    const made = buildNetwork("resnet18", resnet18, options);
    initialize(made.parameters, 1);
    return made;
  };

  test("has a name of its own", () => {
    expect(new Set(passes.map((p) => p.name)).size).toBe(passes.length);
  });

  describe.each(passes)("$name", (pass) => {
    test.each(networks)("keeps %s valid and its inputs and outputs as they are", (_, options) => {
      const { graph } = network(options);
      const before = interfaceOf(graph);
      pass.run(graph);
      expect(check(graph)).toEqual([]);
      expect(interfaceOf(graph)).toEqual(before);
      expect(pass.run(graph).applied).toBe(0);
    });
  });

  test.each(networks)("one after the other keep %s valid and fold it all", (_, options) => {
    const { graph } = network(options);
    const before = interfaceOf(graph);
    const reports = passes.map((pass) => [pass.name, pass.run(graph)] as const);
    expect(Object.fromEntries(reports)["fold-batch-norm"]).toEqual({ applied: 20, skipped: [] });
    expect(ops(graph)).not.toContain("BatchNormalization");
    expect(check(graph)).toEqual([]);
    expect(interfaceOf(graph)).toEqual(before);
  });

  test("keeps the numbers of a small SE-ResNet-18", async () => {
    const { graph, parameters } = network({ inputSize: 32, batch: 1, classes: 5, se: { ...se, bias: true } });
    for (const p of parameters) {
      const [length = 1] = p.type.shape;
      if (p.key.endsWith("running_mean") || p.key.endsWith("bias")) p.bind(wave([length], length));
      if (p.key.endsWith("running_var")) p.bind(positive([length], length));
    }
    const feeds = { input: image([1, 3, 32, 32]) };
    const expected = await run(graph, feeds);
    for (const pass of passes) {
      pass.run(graph);
      await expectClose(await run(graph, feeds), expected);
    }
  });
});
