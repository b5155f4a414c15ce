import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildNetwork } from "../../models/network.js";
import { resnet18 } from "../../models/resnet.js";
import { type SqueezeExciteOptions, squeezeExcite, squeezeExciteConv } from "../../models/se-block.js";
import { decode } from "../../src/export/decode.js";
import { check } from "../../src/graph/check.js";
import { remove } from "../../src/graph/edit.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { conv2d, linear } from "../../src/graph/layers.js";
import { add } from "../../src/graph/ops/add.js";
import { averagePool } from "../../src/graph/ops/average-pool.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { gemm } from "../../src/graph/ops/gemm.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { identity } from "../../src/graph/ops/identity.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { initialize } from "../../src/graph/random.js";
import { Scope } from "../../src/graph/scope.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { float32s, int64s, tensor } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";
import { evaluate, numbers } from "./evaluate.js";

/** x [N,C,6,6] of C channels, and what `make` does with it, put out. */
function graphWith(channels: number, make: (x: Value, s: Scope) => Value) {
  const graph = new Graph("g");
  const x = graph.input("x", f32("N", channels, 6, 6));
  const scope = new Scope(graph);
  graph.output(make(x, scope.at("se")));
  return { graph, x, scope, found: findSqueezeExcite(graph) };
}
const forms = [
  ["gemm", squeezeExcite],
  ["conv", squeezeExciteConv],
] as const;

describe.each(forms)("the block in its %s form", (form, block) => {
  test.each<[SqueezeExciteOptions, number]>([
    [{}, 4],
    [{ r: 1 }, 64],
    [{ r: 8, bias: true }, 8],
    [{ r: 24 }, 2],
    [{ r: 64, bias: false }, 1],
  ])("is found with %o", (options, hidden) => {
    const { graph, x, found, scope } = graphWith(64, (v, s) => block(v, s, options));
    const { bias = false } = options;
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      name: "se",
      channels: 64,
      hidden,
      excitation: "Sigmoid",
      squeeze: "avg",
      bias,
      form,
    });
    expect(found[0]?.x).toBe(x);
    expect(found[0]?.scale).toBe(graph.outputs[0]?.producer);
    expect(found[0]?.gate.producer?.op).toBe("Sigmoid");
    expect(scope.parameters.map((p) => p.key)).toEqual(
      ["se.fc1.weight", "se.fc1.bias", "se.fc2.weight", "se.fc2.bias"].filter((k) => bias || k.endsWith("weight")),
    );
    expect(check(graph)).toEqual([]);
  });

  test("is found with the factors of its product exchanged", () => {
    const { graph, found } = graphWith(32, (v, s) => {
      const node = block(v, s).producer!;
      remove(node);
      const outputs = [{ name: "y", type: v.type }];
      return v.graph.add({ ...node, inputs: node.inputs.toReversed(), outputs }).outputs[0]!;
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.x).toBe(graph.inputs[0]);
  });

  test("has the numbers of the worked example", async () => {
    const golden = JSON.parse(readFileSync(new URL("goldens/se-example.json", import.meta.url), "utf8"));
    for (const [bias, row] of [
      [false, golden.noBias],
      [true, golden.bias],
    ] as const) {
      const { graph, found, scope } = graphWith(4, (v, s) => block(v, s, { r: 2, bias }));
      const values: Record<string, readonly number[]> = {
        "se.fc1.weight": golden.W1.flat(),
        "se.fc2.weight": golden.W2.flat(),
        "se.fc1.bias": golden.b1,
        "se.fc2.bias": golden.b2,
      };
      for (const p of scope.parameters) p.bind(float32s(values[p.key]!, p.type.shape));
      const known = await evaluate(graph, { x: numbers(golden.x_shape, golden.x) });
      const of = (v: Value | null | undefined) => Array.from(known.get(v!)!.values, (n) => Number(n.toFixed(6)));
      const rounded = (list: readonly number[]) => list.map((n) => Number(n.toFixed(6)));
      const gate = found[0]!.gate;
      const second = gate.producer!.inputs[0]!;
      const hidden = second.producer!.inputs[0]!;
      const squeezed = hidden.producer!.inputs[0]!.producer!.inputs[0]!;
      expect(of(squeezed)).toEqual(rounded(row.z));
      expect(of(hidden)).toEqual(rounded(row.hidden));
      expect(of(second)).toEqual(rounded(row.pre_gate));
      expect(of(gate)).toEqual(rounded(row.sigmoid));
      if (!bias) expect(of(graph.outputs[0])).toEqual(rounded(golden.y_noBias));
      expect(known.get(graph.outputs[0]!)?.shape).toEqual(golden.x_shape);
    }
  });
});

test("both forms are the same function", async () => {
  const x = numbers(
    [2, 8, 6, 6],
    Array.from({ length: 576 }, (_, i) => Math.sin(i)),
  );
  const outputs = forms.map(async ([, block]) => {
    const { graph, scope } = graphWith(8, (v, s) => block(v, s, { r: 2 }));
    initialize(scope.parameters, 5);
    return (await evaluate(graph, { x })).get(graph.outputs[0]!);
  });
  const [a, b] = await Promise.all(outputs);
  expect(a!.values.length).toBe(576);
  expect(Math.max(...a!.values.map((v, i) => Math.abs(v - b!.values[i]!)))).toBeLessThan(1e-12);
});

describe("blocks that others write", () => {
  /** C -> C/4 -> C by layers of `weights`, with what stands between them. */
  const written = (
    x: Value,
    s: Scope,
    { squeeze = globalAveragePool, between = relu as (v: Value) => Value, gate = sigmoid as (v: Value) => Value } = {},
  ): Value => mul(x, gate(conv2d(between(conv2d(squeeze(x), s.at("fc1"), 8)), s.at("fc2"), 32)));
  const raw = (op: string, x: Value): Value =>
    x.graph.add({ op, name: op, inputs: [x], outputs: [{ name: op, type: null }] }).outputs[0]!;

  test("with another squeeze", () => {
    for (const [op, squeeze] of [
      ["ReduceMean", "avg"],
      ["ReduceMax", "max"],
      ["GlobalMaxPool", "max"],
    ] as const) {
      const pool = (x: Value): Value =>
        x.graph.add({ op, name: "", inputs: [x], outputs: [{ name: op, type: f32("N", 32, 1, 1) }] }).outputs[0]!;
      const { found } = graphWith(32, (x, s) => written(x, s, { squeeze: pool as typeof globalAveragePool }));
      expect(found).toMatchObject([{ squeeze, channels: 32, hidden: 8 }]);
    }
  });

  test("with a pool whose window is the whole map", () => {
    const pool = (x: Value): Value => averagePool(x, { kernel_shape: [6, 6], strides: [6, 6] });
    const { found } = graphWith(32, (x, s) => written(x, s, { squeeze: pool as typeof globalAveragePool }));
    expect(found).toMatchObject([{ squeeze: "avg", channels: 32, hidden: 8 }]);
  });

  test("with another gate, SiLU between the layers, or no activation there", () => {
    const hard = graphWith(32, (x, s) => written(x, s, { gate: (v) => raw("HardSigmoid", v) }));
    expect(hard.found).toMatchObject([{ excitation: "HardSigmoid", form: "conv" }]);
    const silu = graphWith(32, (x, s) => written(x, s, { between: (v) => mul(v, sigmoid(v)) }));
    expect(silu.found).toMatchObject([{ excitation: "Sigmoid", hidden: 8 }]);
    const linearOnly = graphWith(32, (x, s) => written(x, s, { between: (v) => v }));
    expect(linearOnly.found).toMatchObject([{ channels: 32, hidden: 8 }]);
  });

  test("with reshapes and Identities on the way", () => {
    const { found } = graphWith(32, (x, s) => {
      const flat = identity(flatten(globalAveragePool(x)));
      const hidden = relu(reshape(linear(flat, s.at("fc1"), 8), x.graph.constant("a", int64s([0, 8]))));
      const gate = sigmoid(linear(identity(hidden), s.at("fc2"), 32));
      return mul(x, reshape(identity(gate), x.graph.constant("b", int64s([0, 32, 1, 1]))));
    });
    expect(found).toMatchObject([{ channels: 32, hidden: 8, bias: true, form: "gemm" }]);
  });

  test("with matrices that are not transposed, and types that no file told", () => {
    const { found } = graphWith(32, (x) => {
      const weight = (rows: number, columns: number): Value =>
        x.graph.constant(`${rows}x${columns}`, tensor("float32", [rows, columns], new Uint8Array(rows * columns * 4)));
      const squeezed = raw("Flatten", raw("GlobalAveragePool", x));
      const gate = sigmoid(gemm(relu(gemm(squeezed, weight(32, 8))), weight(8, 32)));
      return mul(x, raw("Reshape", gate));
    });
    expect(found).toMatchObject([{ channels: 32, hidden: 8, bias: false, form: "gemm" }]);
  });
});

describe("blocks that torch.onnx.export writes (tools/exported-se.py)", () => {
  const CHANNELS = { channels: 32, hidden: 8, squeeze: "avg" };
  test.each([
    ["view-expand", { form: "matmul", bias: false, excitation: "Sigmoid" }],
    ["view-expand-static", { form: "matmul", bias: false, excitation: "Sigmoid" }],
    ["view-expand-bias-opset11", { form: "gemm", bias: true, excitation: "Sigmoid" }],
    ["mean-index", { form: "matmul", bias: false, excitation: "Sigmoid" }],
    ["flat-mean", { form: "gemm", bias: true, excitation: "Sigmoid" }],
    ["conv-silu", { form: "conv", bias: true, excitation: "Sigmoid" }],
    ["conv-norm", { form: "conv", bias: true, excitation: "Sigmoid" }],
    ["conv-hardswish-ramp", { form: "conv", bias: true, excitation: "HardSigmoid" }],
    ["linear-ramp", { form: "gemm", bias: true, excitation: "HardSigmoid" }],
    ["avg-pool", { form: "gemm", bias: true, excitation: "Sigmoid" }],
  ])("%s", async (name, kind) => {
    const graph = await decode(readFileSync(new URL(`goldens/exported-se/${name}.onnx`, import.meta.url)));
    const found = findSqueezeExcite(graph);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ...CHANNELS, ...kind });
    expect(found[0]?.scale).toBe(graph.outputs[0]?.producer);
    expect(found[0]?.x.producer?.op).toBe("Conv");
  });
});

/** `v` with the type of one pixel of `x`, for layers that ask for it. */
const withType = (v: Value, { graph }: Value): Value =>
  graph.add({ op: "Identity", name: "t", inputs: [v], outputs: [{ name: "t", type: f32("N", 16, 1, 1) }] }).outputs[0]!;

describe("no block", () => {
  const near: readonly (readonly [string, (x: Value, s: Scope) => Value])[] = [
    ["is a product of two maps", (x) => mul(x, relu(x))],
    ["is a square", (x) => mul(x, x)],
    ["is SiLU", (x) => mul(x, sigmoid(x))],
    ["is a gate of one layer", (x, s) => mul(x, sigmoid(conv2d(globalAveragePool(x), s.at("fc"), 16)))],
    [
      "is a gate of the one corner that a long stride leaves",
      (x, s) => {
        const corner = averagePool(x, { kernel_shape: [3, 3], strides: [9, 9] });
        return mul(x, sigmoid(conv2d(relu(conv2d(corner, s.at("a"), 4)), s.at("b"), 16)));
      },
    ],
    [
      "is a gate of maps that are not squeezed",
      (x, s) => mul(x, sigmoid(conv2d(relu(conv2d(x, s.at("a"), 4)), s.at("b"), 16))),
    ],
    [
      "squeezes other axes than the pixels",
      (x, s) => {
        const mean = x.graph.add({
          op: "ReduceMean",
          name: "m",
          inputs: [x],
          outputs: [{ name: "m", type: null }],
          attributes: { axes: { kind: "ints", value: [0, 1] } },
        }).outputs[0]!;
        return mul(x, sigmoid(conv2d(relu(conv2d(withType(mean, x), s.at("a"), 4)), s.at("b"), 16)));
      },
    ],
    [
      "has a gate made of another map too",
      (x, s) => {
        const hidden = relu(conv2d(globalAveragePool(x), s.at("a"), 4));
        return mul(x, sigmoid(add(conv2d(hidden, s.at("b"), 16), relu(x))));
      },
    ],
    ["is a sum", (x, s) => add(x, sigmoid(conv2d(relu(conv2d(globalAveragePool(x), s.at("a"), 4)), s.at("b"), 16)))],
    [
      "scales something else than it squeezes",
      (x, s) => mul(relu(x), sigmoid(conv2d(relu(conv2d(globalAveragePool(x), s.at("a"), 4)), s.at("b"), 16))),
    ],
    ["has no gate", (x, s) => mul(x, conv2d(relu(conv2d(globalAveragePool(x), s.at("a"), 4)), s.at("b"), 16))],
    [
      "has one gate for all channels",
      (x, s) => mul(x, sigmoid(conv2d(relu(conv2d(globalAveragePool(x), s.at("a"), 4)), s.at("b"), 1))),
    ],
    [
      "is another domain's product",
      (x, s) => {
        const node = squeezeExciteConv(x, s).producer!;
        remove(node);
        return x.graph.add({ ...node, domain: "com.example", outputs: [{ name: "y", type: x.type }] }).outputs[0]!;
      },
    ],
  ];
  test.each(near)("%s", (_, make) => {
    expect(graphWith(16, make).found).toEqual([]);
  });

  test("is in a plain network", () => {
    const { graph } = buildNetwork("resnet18", resnet18, { se: null });
    expect(findSqueezeExcite(graph)).toEqual([]);
  });
});

test("blocks are found in the order in which they run, as often as they stand there", () => {
  const { graph } = buildNetwork("resnet18", resnet18, { se: { stages: [2, 4] } });
  expect(findSqueezeExcite(graph).map((b) => [b.name, b.channels, b.hidden])).toEqual([
    ["layer1.0.se", 64, 4],
    ["layer1.1.se", 64, 4],
    ["layer3.0.se", 256, 16],
    ["layer3.1.se", 256, 16],
  ]);
});
