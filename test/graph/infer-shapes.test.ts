import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decode } from "../../src/export/decode.js";
import type { Attribute, Attributes } from "../../src/graph/attribute.js";
import { Graph, type Value, type ValueRecord } from "../../src/graph/graph.js";
import { inferShapes } from "../../src/graph/infer-shapes.js";
import { float32s, int64s, type Tensor, tensor } from "../../src/graph/tensor.js";
import { f32, isRanked, show } from "../../src/graph/type.js";
import { typeOf } from "./calls.js";
import { exposeAll, feedsFor, type Lengths, runOnnx } from "./onnx-runtime.js";

const goldens = fileURLToPath(new URL("goldens/exported-se/", import.meta.url));

/** Forgets what a file says of the values that its nodes make. */
function strip(graph: Graph): void {
  for (const v of graph.nodes.flatMap((n) => n.outputs)) (v as ValueRecord).type = null;
}
/** Every type that was inferred must be what ONNX Runtime makes, each name being one length; says how many lengths were known. */
async function expectTrue(
  graph: Graph,
  lengths: Lengths = {},
): Promise<{ readonly known: number; readonly all: number }> {
  const values = exposeAll(graph);
  const results = await runOnnx(graph, feedsFor(graph, lengths));
  const dims = values.flatMap((v) => {
    const { dtype, shape } = results[v.name]!;
    if (!isRanked(v.type)) return shape.map(() => null);
    expect([v.name, v.type.dtype, v.type.shape.length]).toEqual([v.name, dtype, shape.length]);
    const said = v.type.shape.map((d) => (typeof d === "string" ? lengths[d] : d));
    expect([v.name, said.map((d, i) => d ?? shape[i])]).toEqual([v.name, [...shape]]);
    return said;
  });
  return { known: dims.filter((d) => d != null).length, all: dims.length };
}

describe("on exporters' files, types are what ONNX Runtime makes", () => {
  test.each(readdirSync(goldens).filter((f) => f.endsWith(".onnx")))("%s", async (file) => {
    for (const batch of [1, 3]) {
      const graph = await decode(readFileSync(`${goldens}${file}`));
      strip(graph);
      expect(inferShapes(graph).contradictions).toEqual([]);
      const [name] = isRanked(graph.inputs[0]!.type) ? graph.inputs[0]!.type.shape : [];
      if (typeof name === "number" && name !== batch) continue;
      const { known, all } = await expectTrue(
        graph,
        typeof name === "string" ? { [name]: batch } : { otherwise: batch },
      );
      expect(known).toBe(all);
    }
  });
});

type In = string | Tensor | null;
interface Case {
  readonly op: string;
  readonly opsets: readonly number[];
  readonly inputs: readonly In[];
  readonly attributes?: Attributes;
  readonly outputs: readonly string[];
}
const ints = (...value: number[]): Attribute => ({ kind: "ints", value });
const int = (value: number): Attribute => ({ kind: "int", value });
const text = (value: string): Attribute => ({ kind: "string", value });
const floats = (...value: number[]): Attribute => ({ kind: "floats", value });
const END = tensor("int64", [1], new Uint8Array(BigInt64Array.of(2n ** 63n - 1n).buffer));
const X = "float32[N,6,9,12]";

/** Every form that the operator had; "N" is any batch. */
const cases: readonly Case[] = [
  {
    op: "Conv",
    opsets: [7, 11, 22],
    inputs: [X, "float32[4,6,3,3]"],
    attributes: { auto_pad: text("SAME_UPPER"), strides: ints(2, 2) },
    outputs: ["float32[N,4,5,6]"],
  },
  {
    op: "Conv",
    opsets: [11],
    inputs: [X, "float32[4,6,3,3]"],
    attributes: { auto_pad: text("VALID"), strides: ints(2, 2) },
    outputs: ["float32[N,4,4,5]"],
  },
  {
    op: "Conv",
    opsets: [11],
    inputs: ["float32[N,6,9]", "float32[4,3,3]"],
    attributes: { group: int(2), pads: ints(1, 0) },
    outputs: ["float32[N,4,8]"],
  },
  {
    op: "ConvTranspose",
    opsets: [11],
    inputs: [X, "float32[6,2,3,3]"],
    attributes: { strides: ints(2, 2), pads: ints(1, 1, 1, 1), output_padding: ints(1, 0), group: int(2) },
    outputs: ["float32[N,4,18,23]"],
  },
  {
    op: "MaxPool",
    opsets: [8, 12],
    inputs: [X],
    attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) },
    outputs: ["float32[N,6,4,6]", "int64[N,6,4,6]"],
  },
  {
    op: "MaxPool",
    opsets: [12],
    inputs: [X],
    attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2), ceil_mode: int(1) },
    outputs: ["float32[N,6,5,6]"],
  },
  {
    op: "AveragePool",
    opsets: [11],
    inputs: [X],
    attributes: { kernel_shape: ints(9, 12) },
    outputs: ["float32[N,6,1,1]"],
  },
  {
    op: "ReduceMean",
    opsets: [7, 11, 17],
    inputs: [X],
    attributes: { axes: ints(2, 3), keepdims: int(0) },
    outputs: ["float32[N,6]"],
  },
  { op: "ReduceMean", opsets: [18, 23], inputs: [X, int64s([-1, 2])], outputs: ["float32[N,6,1,1]"] },
  { op: "ReduceMean", opsets: [18], inputs: [X], outputs: ["float32[1,1,1,1]"] },
  {
    op: "ReduceSum",
    opsets: [13],
    inputs: [X, int64s([1])],
    attributes: { keepdims: int(0) },
    outputs: ["float32[N,9,12]"],
  },
  {
    op: "ArgMax",
    opsets: [7, 13],
    inputs: [X],
    attributes: { axis: int(1), keepdims: int(0) },
    outputs: ["int64[N,9,12]"],
  },
  {
    op: "TopK",
    opsets: [11],
    inputs: [X, int64s([2])],
    attributes: { axis: int(1) },
    outputs: ["float32[N,2,9,12]", "int64[N,2,9,12]"],
  },
  {
    op: "Squeeze",
    opsets: [7, 11],
    inputs: ["float32[N,6,1,1]"],
    attributes: { axes: ints(2, 3) },
    outputs: ["float32[N,6]"],
  },
  { op: "Squeeze", opsets: [13, 21], inputs: ["float32[N,6,1,1]", int64s([-1, -2])], outputs: ["float32[N,6]"] },
  {
    op: "Unsqueeze",
    opsets: [7, 11],
    inputs: ["float32[N,6]"],
    attributes: { axes: ints(2, 3) },
    outputs: ["float32[N,6,1,1]"],
  },
  { op: "Unsqueeze", opsets: [13, 21], inputs: ["float32[N,6]", int64s([-1, 0])], outputs: ["float32[1,N,6,1]"] },
  {
    op: "Slice",
    opsets: [7, 9],
    inputs: [X],
    attributes: { starts: ints(1, -3), ends: ints(100, -1), axes: ints(1, 2) },
    outputs: ["float32[N,5,2,12]"],
  },
  {
    op: "Slice",
    opsets: [10, 13],
    inputs: [X, int64s([5]), int64s([0]), int64s([1]), int64s([-2])],
    outputs: ["float32[N,3,9,12]"],
  },
  { op: "Slice", opsets: [11], inputs: [X, int64s([0]), END, int64s([0])], outputs: ["float32[N,6,9,12]"] },
  {
    op: "Split",
    opsets: [11],
    inputs: [X],
    attributes: { axis: int(1), split: ints(2, 4) },
    outputs: ["float32[N,2,9,12]", "float32[N,4,9,12]"],
  },
  {
    op: "Split",
    opsets: [11, 13],
    inputs: [X],
    attributes: { axis: int(1) },
    outputs: ["float32[N,3,9,12]", "float32[N,3,9,12]"],
  },
  {
    op: "Split",
    opsets: [18],
    inputs: [X],
    attributes: { axis: int(2), num_outputs: int(2) },
    outputs: ["float32[N,6,5,12]", "float32[N,6,4,12]"],
  },
  {
    op: "Pad",
    opsets: [7, 10],
    inputs: [X],
    attributes: { pads: ints(0, 0, 1, 2, 0, 0, 3, 0) },
    outputs: ["float32[N,6,13,14]"],
  },
  { op: "Pad", opsets: [11, 18], inputs: [X, int64s([0, 0, 1, 2, 0, 0, 3, 0])], outputs: ["float32[N,6,13,14]"] },
  { op: "Pad", opsets: [18], inputs: [X, int64s([1, 2]), null, int64s([-1])], outputs: ["float32[N,6,9,15]"] },
  {
    op: "Upsample",
    opsets: [7],
    inputs: [X],
    attributes: { scales: floats(1, 1, 2, 2.5) },
    outputs: ["float32[N,6,18,30]"],
  },
  { op: "Upsample", opsets: [9], inputs: [X, float32s([1, 1, 2, 3])], outputs: ["float32[N,6,18,36]"] },
  { op: "Resize", opsets: [10], inputs: [X, float32s([1, 1, 1.5, 1])], outputs: ["float32[N,6,13,12]"] },
  {
    op: "Resize",
    opsets: [11, 13, 18],
    inputs: [X, float32s([]), float32s([1, 1, 0.5, 2])],
    outputs: ["float32[N,6,4,24]"],
  },
  {
    op: "Resize",
    opsets: [18],
    inputs: [X, null, null, int64s([5, 7])],
    attributes: { axes: ints(2, 3) },
    outputs: ["float32[N,6,5,7]"],
  },
  {
    op: "Gather",
    opsets: [7, 13],
    inputs: [X, int64s([1, 0])],
    attributes: { axis: int(1) },
    outputs: ["float32[N,2,9,12]"],
  },
  {
    op: "Gather",
    opsets: [13],
    inputs: [X, int64s([1], [])],
    attributes: { axis: int(-1) },
    outputs: ["float32[N,6,9]"],
  },
  { op: "Expand", opsets: [8, 13], inputs: ["float32[N,6,1,1]", int64s([1, 6, 3, 3])], outputs: ["float32[N,6,3,3]"] },
  { op: "Tile", opsets: [6, 13], inputs: [X, int64s([1, 2, 1, 1])], outputs: ["float32[N,12,9,12]"] },
  { op: "ConstantOfShape", opsets: [9], inputs: [int64s([2, 3])], outputs: ["float32[2,3]"] },
  { op: "Shape", opsets: [7, 13], inputs: [X], outputs: ["int64[4]"] },
  { op: "Shape", opsets: [15, 23], inputs: [X], attributes: { start: int(1), end: int(-1) }, outputs: ["int64[2]"] },
  {
    op: "DepthToSpace",
    opsets: [11],
    inputs: ["float32[N,8,3,5]"],
    attributes: { blocksize: int(2) },
    outputs: ["float32[N,2,6,10]"],
  },
  {
    op: "SpaceToDepth",
    opsets: [11],
    inputs: ["float32[N,3,4,6]"],
    attributes: { blocksize: int(2) },
    outputs: ["float32[N,12,2,3]"],
  },
  { op: "Where", opsets: [9], inputs: ["bool[N,1]", "float32[6]", "float32[1]"], outputs: ["float32[N,6]"] },
  { op: "Equal", opsets: [11], inputs: ["float32[N,1]", "float32[6]"], outputs: ["bool[N,6]"] },
  { op: "Sum", opsets: [8], inputs: ["float32[N,1]", "float32[6]", "float32[4,1,1]"], outputs: ["float32[4,N,6]"] },
  { op: "Cast", opsets: [9, 13], inputs: [X], attributes: { to: int(7) }, outputs: ["int64[N,6,9,12]"] },
  { op: "Flatten", opsets: [9], inputs: ["float32[N,6,1,1]"], attributes: { axis: int(1) }, outputs: ["float32[N,6]"] },
  { op: "OneHot", opsets: [11], inputs: ["int64[N]", int64s([5]), float32s([0, 1])], outputs: ["float32[N,5]"] },
  { op: "Range", opsets: [11], inputs: [int64s([2], []), int64s([9], []), int64s([3], [])], outputs: ["int64[3]"] },
  {
    op: "LayerNormalization",
    opsets: [17],
    inputs: ["float32[N,3,8]", "float32[8]"],
    outputs: ["float32[N,3,8]", "float32[N,3,1]"],
  },
  { op: "Dropout", opsets: [12], inputs: ["float32[N,3]"], outputs: ["float32[N,3]", "bool[N,3]"] },
];

describe("every form of an operator gets the type that ONNX Runtime makes", () => {
  const all = cases.flatMap(({ opsets, ...c }) => opsets.map((opset) => ({ ...c, opset })));
  test.each(all)("$op at opset $opset: $outputs", async ({ op, opset, inputs, attributes = {}, outputs }) => {
    const graph = new Graph("g", { opset });
    const values = inputs.map((x, i): Value | null =>
      x === null ? null : typeof x === "string" ? graph.input(`in${i}`, typeOf(x)) : graph.constant(`in${i}`, x),
    );
    const node = graph.add({
      op,
      name: "n",
      inputs: values,
      attributes,
      outputs: outputs.map((_, i) => ({ name: `out${i}`, type: null })),
    });
    for (const v of node.outputs) graph.output(v);
    expect(inferShapes(graph).contradictions).toEqual([]);
    expect(node.outputs.map((v) => show(v.type))).toEqual(outputs);
    await expectTrue(graph, { N: 3 });
  });
});

describe("shapes that are computed", () => {
  /** x [N,C,H,W] and a function to add nodes with. */
  const start = (shape: string, opset = 13) => {
    const graph = new Graph("g", { opset });
    const x = graph.input("x", typeOf(shape));
    let count = 0;
    const add = (op: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value =>
      graph.add({ op, name: `${op}${count}`, inputs, attributes, outputs: [{ name: `v${count++}`, type: null }] })
        .outputs[0]!;
    const constant = (...values: number[]): Value => graph.constant(`c${count++}`, int64s(values));
    const index = (i: number): Value => graph.constant(`c${count++}`, int64s([i], []));
    return { graph, x, add, constant, index };
  };

  test("view(x.size(0), -1): Shape, Gather, Unsqueeze, Concat, Reshape", async () => {
    const { graph, x, add, constant, index } = start("float32[N,6,1,1]");
    const n = add("Gather", [add("Shape", [x]), index(0)]);
    const shape = add("Concat", [add("Unsqueeze", [n, constant(0)]), constant(-1)], { axis: int(0) });
    const y = add("Reshape", [x, shape]);
    graph.output(y);
    const { known } = inferShapes(graph);
    expect(known.get(shape)).toEqual({ dtype: "int64", shape: [2], elements: ["N", -1] });
    expect(show(y.type)).toBe("float32[N,6]");
    expect(await expectTrue(graph, { N: 3 })).toEqual({ known: 5, all: 5 });
  });

  test("ShuffleNet: channels that are divided into groups", async () => {
    const { graph, x, add, constant, index } = start("float32[N,6,H,4]");
    const shape = add("Shape", [x]);
    const length = (i: number): Value => add("Gather", [shape, index(i)]);
    const perGroup = add("Div", [length(1), index(2)]);
    const parts = [length(0), index(2), perGroup, length(2), length(3)].map((v) => add("Unsqueeze", [v, constant(0)]));
    const y = add("Reshape", [x, add("Concat", parts, { axis: int(0) })]);
    graph.output(y);
    inferShapes(graph);
    expect(show(y.type)).toBe("float32[N,2,3,H,4]");
    await expectTrue(graph, { N: 2, H: 5 });
  });

  test("interpolate: sizes that are multiplied in float and rounded down", async () => {
    const { graph, x, add, constant } = start("float32[N,2,3,5]");
    const size = add("Slice", [add("Shape", [x]), constant(2), constant(4), constant(0)]);
    const scaled = add("Mul", [add("Cast", [size], { to: int(1) }), graph.constant("s", float32s([1.5, 1.5]))]);
    const floor = add("Cast", [add("Floor", [scaled])], { to: int(7) });
    const front = add("Slice", [add("Shape", [x]), constant(0), constant(2), constant(0)]);
    const y = add("Resize", [x, null, null, add("Concat", [front, floor], { axis: int(0) })]);
    graph.output(y);
    inferShapes(graph);
    expect(show(y.type)).toBe("float32[N,2,4,7]");
    await expectTrue(graph, { N: 2 });
  });

  test("expand_as: -1 by Equal and Where", async () => {
    const { graph, x, add, constant } = start("float32[N,1]");
    const asked = constant(-1, 4);
    const ones = add("ConstantOfShape", [constant(2)], { value: { kind: "tensor", value: int64s([1]) } });
    const minus = add("Mul", [ones, graph.constant("m", int64s([-1], []))]);
    const y = add("Expand", [x, add("Where", [add("Equal", [asked, minus]), ones, asked])]);
    graph.output(y);
    inferShapes(graph);
    expect(show(y.type)).toBe("float32[N,4]");
    await expectTrue(graph, { N: 3 });
  });

  test("what cannot be known stays open", async () => {
    const { graph, x, add, constant } = start("float32[N,6]");
    const twice = add("Mul", [add("Shape", [x]), constant(2, 1)]);
    const y = add("Expand", [
      add("Unsqueeze", [x, constant(0)]),
      add("Concat", [constant(1), add("Shape", [x])], { axis: int(0) }),
    ]);
    const z = add("ConstantOfShape", [twice]);
    const nothing = add("NonZero", [x]);
    for (const v of [y, z, nothing]) graph.output(v);
    inferShapes(graph);
    expect([y, z, nothing].map((v) => show(v.type))).toEqual(["float32[1,N,6]", "float32[?,6]", "int64[2,?]"]);
    await expectTrue(graph, { N: 3 });
  });
});

describe("what a file declares", () => {
  const add = (inputs: readonly Value[], op: string, declared: string, attributes: Attributes = {}): Value =>
    inputs[0]!.graph.add({ op, name: op, inputs, attributes, outputs: [{ name: `${op} out`, type: typeOf(declared) }] })
      .outputs[0]!;

  test("is reported where it does not fit, and not believed", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2, 3));
    const wrong = add([x], "Relu", "float32[2,4]");
    const filled = add([x, graph.constant("s", int64s([4, 4]))], "Reshape", "float32[4,4]");
    const axis = add([x], "ReduceMax", "unknown", { axes: ints(7) });
    const { contradictions } = inferShapes(graph);
    expect(contradictions).toEqual([
      "Relu 'Relu' makes float32[2,3], but 'Relu out' is declared as float32[2,4]",
      "Reshape 'Reshape': data [2,3] does not fill shape [4,4]",
      "ReduceMax 'ReduceMax': axis 7 is not among 2 axes",
    ]);
    expect([wrong, filled, axis].map((v) => show(v.type))).toEqual(["float32[2,3]", "float32[4,4]", "unknown"]);
  });

  test("fills in what is not inferred", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32("N", 6));
    const shape = graph.input("shape", typeOf("int64[2]"));
    const y = add([add([x, shape], "Reshape", "float32[?,3]")], "Relu", "unknown");
    inferShapes(graph);
    expect(show(y.type)).toBe("float32[?,3]");
  });

  test("is not believed anywhere where a number stands for what the input leaves open", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32("N", 6));
    const shape = graph.input("shape", typeOf("int64[2]"));
    const relu = add([x], "Relu", "float32[1,6]");
    const y = add([relu, shape], "Reshape", "float32[1,6]");
    expect(inferShapes(graph).contradictions).toEqual([]);
    expect([relu, y].map((v) => show(v.type))).toEqual(["float32[N,6]", "float32[?,?]"]);
  });

  test("stays as it is for an output of the graph, unless it is a number for what the input leaves open", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32("N", 6));
    graph.output(add([x], "Relu", "float32[batch,6]"));
    graph.output(add([x], "Abs", "float32[?,6]"));
    graph.output(add([x], "Sigmoid", "float32[3,5]"));
    graph.output(add([x], "Tanh", "float32[1,6]"));
    expect(inferShapes(graph).contradictions).toHaveLength(1);
    const types = ["float32[batch,6]", "float32[N,6]", "float32[3,5]", "float32[N,6]"];
    expect(graph.outputs.map((v) => show(v.type))).toEqual(types);
  });

  test("operators that nobody knows, and functions of the model, pass with what is declared", () => {
    const graph = new Graph("g");
    graph.opsets.set("com.example", 1);
    const x = graph.input("x", f32("N", 3));
    const add = (op: string, domain: string): Value =>
      graph.add({ op, domain, name: op, inputs: [x], outputs: [{ name: `${domain}${op}`, type: null }] }).outputs[0]!;
    graph.functions.push({ domain: "", name: "Abs", body: new Graph("Abs"), kept: [] });
    const [foreign, unheard, shadowed, plain] = [
      add("Relu", "com.example"),
      add("Frobnicate", ""),
      add("Abs", ""),
      add("Relu", ""),
    ];
    expect(inferShapes(graph).contradictions).toEqual([]);
    expect([foreign, unheard, shadowed, plain].map((v) => show(v!.type))).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "float32[N,3]",
    ]);
  });
});
