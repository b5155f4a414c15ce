import { expect, test } from "vitest";
import { Graph } from "../../src/graph/graph.js";
import { conv } from "../../src/graph/ops/conv.js";
import { relu } from "../../src/graph/ops/relu.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { float32s, int64s } from "../../src/graph/tensor.js";
import { text } from "../../src/graph/text.js";
import { f32, tensorType } from "../../src/graph/type.js";

test("text writes one line for each input, constant that is read, node and output", () => {
  const graph = new Graph("small", { opset: 17 });
  graph.opsets.set("com.example", 2);
  const x = graph.input("x", f32("N", 1, 2, 2));
  const w = graph.constant("w", float32s([1, 2], [2, 1, 1, 1]));
  graph.constant("unread", float32s([1]));
  const shape = graph.constant("shape", int64s([0, -1]));
  const y = relu(conv(x, w, null, { name: "conv1" }));
  graph.output(reshape(y, shape), "flat");
  expect(text(graph)).toBe(`graph small (onnx 17, com.example 2)
input x: float32[N,1,2,2]
constant w: float32[2,1,1,1]
constant shape: int64[2] = [0,-1]
conv1: float32[N,2,2,2] = Conv(x, w, strides=[1,1], pads=[0,0,0,0], dilations=[1,1], group=1)
conv1.Relu: float32[N,2,2,2] = Relu(conv1)
flat: float32[N,8] = Reshape(conv1.Relu, shape, allowzero=0)
output flat: float32[N,8]
`);
});

test("text writes the names of a file: what is called the same gets a number", () => {
  const graph = new Graph("g");
  const x = graph.input("x", f32(1));
  graph.output(relu(relu(relu(x))), "y");
  expect(text(graph).split("\n").slice(2, 6)).toEqual([
    "Relu: float32[1] = Relu(x)",
    "Relu_1: float32[1] = Relu(Relu)",
    "y: float32[1] = Relu(Relu_1)",
    "output y: float32[1]",
  ]);
});

test("text writes every kind of attribute, inputs left out, several outputs and domains", () => {
  const graph = new Graph("g");
  const x = graph.input("x", null);
  const long = int64s(Array.from({ length: 9 }, (_, i) => i));
  graph.add({
    op: "Everything",
    domain: "com.example",
    name: "all",
    inputs: [x, null, graph.constant("long", long)],
    outputs: [
      { name: "a", type: tensorType("int64", null) },
      { name: "b", type: { kind: "sequence", element: null } },
    ],
    attributes: {
      i: { kind: "int", value: 2n ** 60n },
      is: { kind: "ints", value: [1, 2] },
      f: { kind: "float", value: 1e-5 },
      fs: { kind: "floats", value: [0.5, 2] },
      s: { kind: "string", value: 'a "b"' },
      bytes: { kind: "string", value: Uint8Array.of(255, 254) },
      ss: { kind: "strings", value: ["a"] },
      t: { kind: "tensor", value: int64s([7], []) },
      big: { kind: "tensor", value: long },
      r: { kind: "reference", to: "alpha", of: "float" },
      type: { kind: "type", value: null },
    },
  });
  expect(text(graph).split("\n").slice(2, 4)).toEqual([
    "constant long: int64[9]",
    'a: int64[...], b: sequence(unknown) = com.example.Everything(x, -, long, i=1152921504606846976, is=[1,2], f=0.00001, fs=[0.5,2], s="a \\"b\\"", bytes=2 bytes, ss=strings, t=int64[] = [7], big=int64[9], r=@alpha, type=type)',
  ]);
});

test("text writes subgraphs under their node, and sparse constants", () => {
  const graph = new Graph("outer");
  const x = graph.input("x", f32(2));
  const sparse = { dtype: "float32", shape: [2], values: float32s([1]), indices: int64s([0]) } as const;
  const c = graph.sparseConstant("c", sparse);
  const body = new Graph("body", { parent: graph });
  body.output(body.add({ op: "Add", name: "", inputs: [x, c], outputs: [{ name: "x", type: f32(2) }] }).outputs[0]!);
  const attributes = { body: { kind: "graph", value: body }, n: { kind: "int", value: 3 } } as const;
  graph.output(
    graph.add({ op: "Loop", name: "", inputs: [], outputs: [{ name: "y", type: null }], attributes }).outputs[0]!,
  );
  expect(text(graph)).toBe(`graph outer (onnx 18)
input x: float32[2]
constant c: float32[2]
y: unknown = Loop(body=graph, n=3)
  graph body (onnx 18)
  x_1: float32[2] = Add(x, c)
  output x_1: float32[2]
output y: unknown
`);
});
