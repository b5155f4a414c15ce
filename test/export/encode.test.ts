import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { buildModel } from "../../src/build.js";
import { decode } from "../../src/export/decode.js";
import { CHUNK, encode, encodeToBytes, REUSED_BYTES } from "../../src/export/encode.js";
import { HELD } from "../../src/export/rope.js";
import { ModelProto } from "../../src/export/schema.js";
import { decodeMessage } from "../../src/export/wire.js";
import type { Attributes, SparseTensor } from "../../src/graph/attribute.js";
import { BITS, type DType } from "../../src/graph/dtype.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { computed, float32s, int64s, lazyTensor, type Tensor, tensor } from "../../src/graph/tensor.js";
import { f32, type Type, tensorType } from "../../src/graph/type.js";
import { bytesOf, plain } from "./plain.js";

/** A new graph whose model names all its versions, as every decoded one does. */
function graphOf(name: string, { ir = 10, opset = 21 } = {}): Graph {
  const graph = new Graph(name, { opset });
  graph.model.irVersion = ir;
  return graph;
}
const again = async (graph: Graph): Promise<Graph> => decode(await encodeToBytes(graph));
async function expectSame(graph: Graph): Promise<void> {
  expect(await plain(await again(graph))).toEqual(await plain(graph));
}
/** One node of the attributes given, between x and y. */
function withAttributes(attributes: Attributes, graph = graphOf("g")): Graph {
  const x = graph.input("x", f32("N"));
  const node = graph.add({ op: "Op", name: "op", inputs: [x], outputs: [{ name: "y", type: f32("N") }], attributes });
  for (const y of node.outputs) graph.output(y);
  return graph;
}
const sparse: SparseTensor = { dtype: "float32", shape: [2, 3], values: float32s([1, 2]), indices: int64s([1, 5]) };

describe("decode(encode(graph)) is the graph", () => {
  test("with every kind of attribute", async () => {
    const graph = graphOf("g");
    const inner = new Graph("inner", { parent: graph });
    inner.output(inner.add({ op: "One", name: "", inputs: [], outputs: [{ name: "one", type: null }] }).outputs[0]!);
    const attributes: Attributes = {
      int: { kind: "int", value: -3 },
      zero: { kind: "int", value: 0 },
      large: { kind: "int", value: 2n ** 53n + 1n },
      float: { kind: "float", value: Math.fround(0.1) },
      infinite: { kind: "float", value: Number.POSITIVE_INFINITY },
      string: { kind: "string", value: "Größe \u{1f600}" },
      bytes: { kind: "string", value: bytesOf(0xff, 0, 0xc3) },
      empty: { kind: "string", value: "" },
      tensor: { kind: "tensor", value: float32s([1, 2, 3, 4], [2, 2]) },
      graph: { kind: "graph", value: inner },
      floats: { kind: "floats", value: [0, -0, Math.fround(1e-40)] },
      ints: { kind: "ints", value: [0, -(2n ** 63n), 2n ** 63n - 1n] },
      none: { kind: "ints", value: [] },
      strings: { kind: "strings", value: ["a", "", bytesOf(0x80)] },
      tensors: { kind: "tensors", value: [float32s([1], []), int64s([])] },
      graphs: { kind: "graphs", value: [inner, inner] },
      sparse: { kind: "sparse", value: sparse },
      sparses: { kind: "sparses", value: [sparse, sparse] },
      type: { kind: "type", value: f32("N", null, 3) },
      untyped: { kind: "type", value: null },
      types: { kind: "types", value: [f32(), { kind: "sequence", element: f32(1) }] },
      reference: { kind: "reference", to: "alpha", of: "float" },
      __proto__x: { kind: "int", value: 1 },
    };
    await expectSame(withAttributes(attributes, graph));
  });
  test("with an attribute called __proto__", async () => {
    const attributes: Attributes = Object.fromEntries([["__proto__", { kind: "int", value: 7 } as const]]);
    const node = (await again(withAttributes(attributes))).nodes[0];
    expect(Object.entries(node?.attributes ?? {})).toEqual([["__proto__", { kind: "int", value: 7 }]]);
  });
  test.each(Object.keys(BITS) as DType[])("with constants of %s", async (dtype) => {
    const graph = graphOf("g");
    const bits = BITS[dtype];
    const strings = bytesOf(1, 0, 0, 0, 65, 0, 0, 0, 0, 2, 0, 0, 0, 0xff, 0x66);
    const of = (count: number): Tensor =>
      tensor(
        dtype,
        [count],
        bits ? Uint8Array.from({ length: Math.ceil((count * bits) / 8) }, (_, i) => 3 * i + 1) : strings,
      );
    for (const count of bits ? [0, 1, 2, 3, 8] : [3]) graph.constant(`c${count}`, of(count));
    await expectSame(graph);
  });
  test("with every kind of type", async () => {
    const graph = graphOf("g");
    const types: readonly Type[] = [
      f32(),
      f32("N", 3, null),
      tensorType("string", null),
      { kind: "sparse", dtype: "float64", shape: ["N", 4] },
      { kind: "sparse", dtype: "int8", shape: null },
      { kind: "sequence", element: f32("N") },
      { kind: "sequence", element: null },
      { kind: "optional", element: { kind: "sequence", element: tensorType("int64", []) } },
      { kind: "optional", element: null },
      { kind: "map", key: "string", value: { kind: "map", key: "int64", value: f32(1) } },
      { kind: "map", key: "int32", value: null },
      { kind: "opaque", bytes: bytesOf(0x3a, 2, 0x0a, 0) },
    ];
    for (const [i, type] of types.entries()) graph.input(`x${i}`, type);
    graph.input("untyped", null);
    await expectSame(graph);
  });
  test("with several outputs, inputs and outputs left out, values read twice and outputs that are inputs", async () => {
    const graph = graphOf("g");
    const x = graph.input("x", f32("N", 4), [bytesOf(0x1a, 1, 65)]);
    const outputs = [
      { name: "a", type: f32("N") },
      { name: "", type: null },
      { name: "b", type: null, kept: [bytesOf(0x1a, 1, 66)] },
    ];
    const split = graph.add({ op: "Split", name: "split", inputs: [x, null, x], outputs });
    const kept = [bytesOf(0x32, 3, 100, 111, 99)];
    const metadata = new Map([
      ["key", "value"],
      ["", ""],
    ]);
    const sum = graph.add({
      op: "Sum",
      domain: "custom",
      name: "",
      inputs: [null, split.outputs[2]!],
      outputs: [{ name: "y", type: null }],
      metadata,
      kept,
    });
    for (const v of [sum.outputs[0]!, split.outputs[2]!, x]) graph.output(v);
    graph.opsets.set("custom", 3).set("ai.onnx.ml", 5);
    await expectSame(graph);
  });
  test("with bodies that read values of the graphs around them", async () => {
    const graph = graphOf("main");
    const flag = graph.input("flag", tensorType("bool", []));
    const x = graph.input("x", f32("N"));
    const w = graph.constant("w", float32s([1]));
    const outer = new Graph("outer body", { parent: graph });
    const inner = new Graph("inner body", { parent: outer });
    const own = inner.constant("own", float32s([2]));
    const shared = outer.add({ op: "Mul", name: "mul", inputs: [x, w], outputs: [{ name: "shared", type: null }] })
      .outputs[0]!;
    const sum = inner.add({
      op: "Sum",
      name: "sum",
      inputs: [x, w, own, shared],
      outputs: [{ name: "sum", type: f32("N") }],
    });
    inner.output(sum.outputs[0]!);
    const branches: Attributes = {
      then_branch: { kind: "graph", value: inner },
      else_branch: { kind: "graph", value: inner },
    };
    outer.output(
      outer.add({
        op: "If",
        name: "in",
        inputs: [flag],
        outputs: [{ name: "chosen", type: null }],
        attributes: branches,
      }).outputs[0]!,
    );
    const y = graph.add({
      op: "If",
      name: "out",
      inputs: [flag],
      outputs: [{ name: "y", type: f32("N") }],
      attributes: { then_branch: { kind: "graph", value: outer } },
    });
    graph.output(y.outputs[0]!);
    await expectSame(graph);
    const body = (await again(graph)).nodes[0]?.attributes.then_branch;
    expect(body?.kind === "graph" && body.value.nodes[0]?.inputs.map((v) => v?.graph.name)).toEqual(["main", "main"]);
  });
  test("with defaults of inputs, sparse constants, metadata and what a graph has no words for", async () => {
    const graph = graphOf("g");
    graph.defaults.set(graph.input("x", f32(2), [bytesOf(0x1a, 1, 65)]), float32s([1, 2]));
    graph.sparseConstant("s", sparse);
    graph.constant("c", float32s([1]), [bytesOf(0x1a, 1, 66)]);
    graph.kept = [bytesOf(0x72, 2, 0x0a, 0)]; // quantization_annotation
    graph.metadata.set("labels", '["a"]').set("", "");
    Object.assign(graph.model, {
      producerName: "p",
      producerVersion: "1",
      domain: "d",
      modelVersion: 2 ** 53 - 1,
      docString: "doc",
      kept: [bytesOf(0xa2, 1, 0)],
    });
    await expectSame(graph);
  });
  test("with functions, whose constants become nodes", async () => {
    const graph = graphOf("g");
    const body = new Graph("Scaled", { opset: 21 });
    const k = body.add({
      op: "Constant",
      name: "",
      inputs: [],
      outputs: [{ name: "k", type: null }],
      attributes: { value_float: { kind: "reference", to: "by", of: "float" } },
    });
    body.output(
      body.add({
        op: "Mul",
        name: "mul",
        inputs: [body.input("in", null), k.outputs[0]!],
        outputs: [{ name: "out", type: null }],
      }).outputs[0]!,
    );
    graph.functions.push({ domain: "local", name: "Scaled", body, kept: [bytesOf(0x32, 2, 98, 121)] });
    await expectSame(graph);
    body.constant("c", float32s([3]));
    const [first] = (await again(graph)).functions[0]?.body.nodes ?? [];
    expect(first).toMatchObject({
      op: "Constant",
      outputs: [{ name: "c" }],
      attributes: { value: { kind: "tensor", value: { shape: [1] } } },
    });
  });
  test("of IR version 3, where constants are listed as inputs in the file", async () => {
    const graph = graphOf("g", { ir: 3, opset: 8 });
    const x = graph.input("x", f32(1));
    const w = graph.constant("w", float32s([1]), [bytesOf(0x1a, 1, 66)]);
    graph.output(
      graph.add({ op: "Add", name: "add", inputs: [x, w], outputs: [{ name: "y", type: f32(1) }] }).outputs[0]!,
    );
    await expectSame(graph);
    expect(decodeMessage(ModelProto, await encodeToBytes(graph))).toMatchObject({
      graph: { input: [{ name: "x" }, { name: "w" }] },
    });
  });
  test("of values without names, as passes make of nodes without: those that are read get one, others stay left out", async () => {
    const graph = graphOf("g");
    const unnamed = { name: "", type: f32("N") };
    const step = (op: string, x: Value): Value =>
      graph.add({ op, name: "", inputs: [x], outputs: [unnamed, unnamed] }).outputs[0]!;
    graph.output(step("C", step("B", step("A", graph.input("x", f32("N"))))));
    const outputs = (await again(graph)).nodes.map((n) => n.outputs.map((o) => o.name));
    expect(outputs).toEqual([
      ["_2", ""],
      ["_4", ""],
      ["_1", ""],
    ]);
    expect((await again(graph)).nodes.map((n) => n.inputs.map((v) => v?.name))).toEqual([["x"], ["_2"], ["_4"]]);
  });
});

const overlap = (a: Uint8Array, b: Uint8Array): boolean =>
  a.byteOffset < b.byteOffset + b.length && b.byteOffset < a.byteOffset + a.length;

describe("the bytes", () => {
  test("of encode, in chunks, are those of encodeToBytes, and equal graphs give equal bytes", async () => {
    const resnet18 = await backbones.find((b) => b.name === "resnet18")?.load();
    if (!resnet18) throw new Error("resnet18 is not registered");
    const build = (): Graph => {
      const { graph } = buildModel("resnet18", resnet18, { classes: 10, inputSize: 64 });
      graph.model.producerVersion = "0"; // the golden is to outlive this one
      return graph;
    };
    const hash = createHash("sha256");
    let length = 0;
    for await (const chunk of encode(build(), { memory: new ArrayBuffer(REUSED_BYTES) })) {
      expect(chunk.length).toBeLessThanOrEqual(CHUNK);
      hash.update(chunk);
      length += chunk.length;
    }
    const whole = await encodeToBytes(build());
    const sha256 = hash.digest("hex");
    expect(createHash("sha256").update(whole).digest("hex")).toBe(sha256);
    expect([length, sha256]).toEqual([45_076_456, "f89c05ba91bc9af914d6aaca077020d3fe5cb26a5a9b5acacc98b56cdc19f92c"]);
  });
  test("do not change when a decoded graph is encoded again", async () => {
    const once = await encodeToBytes(withAttributes({ a: { kind: "ints", value: [1, 2n ** 60n] } }));
    expect(await encodeToBytes(await decode(once))).toEqual(once);
  });
  test("of tensors are read a chunk at a time, without a copy, into memory that is given or into that of a chunk alone", async () => {
    const graph = graphOf("g");
    const reads: Uint8Array[] = [];
    const noted = (floats: number): Tensor =>
      lazyTensor(f32(floats), async (start, end, into = new Uint8Array()) => {
        expect([start % 4, end % 4, into.byteOffset % 16]).toEqual([0, 0, 0]);
        reads.push(into);
        return into.fill(1);
      });
    for (const floats of [900_000, 30_001, 20_001]) graph.constant(`w${floats}`, noted(floats));
    const memory = new ArrayBuffer(REUSED_BYTES);
    const chunks: Uint8Array[] = [];
    for await (const chunk of encode(graph, { memory })) {
      expect(chunks.slice(-HELD + 1).every((earlier) => !overlap(earlier, chunk))).toBe(true);
      expect(chunk.length).toBeLessThanOrEqual(CHUNK);
      chunks.push(chunk);
    }
    expect(reads.map((r) => r.length).reduce((a, b) => a + b)).toBe(4 * 950_002);
    expect(reads.length).toBe(Math.ceil(3_600_000 / CHUNK) + 2);
    expect([...chunks, ...reads].every(({ buffer }) => buffer === memory)).toBe(true);
    chunks.length = 0;
    for await (const chunk of encode(graph)) chunks.push(chunk);
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(chunks.length);
    expect(Buffer.concat(chunks).equals(await encodeToBytes(graph))).toBe(true);
  });
  test("of many short tensors come in several chunks too", async () => {
    const graph = graphOf("g");
    for (let i = 0; i < 100; i++) graph.constant(`c${i}`, tensor("uint8", [60_000], new Uint8Array(60_000)));
    const lengths: number[] = [];
    for await (const chunk of encode(graph)) lengths.push(chunk.length);
    expect(lengths.reduce((a, b) => a + b, 0)).toBe((await encodeToBytes(graph)).length);
    expect(Math.max(...lengths)).toBeLessThan(CHUNK + 61_000);
  });
  test("an error while a tensor is read reaches the caller", async () => {
    const graph = graphOf("g");
    graph.constant(
      "w",
      computed(f32(40_000), () => Promise.reject(new Error("no weights"))),
    );
    await expect(encodeToBytes(graph)).rejects.toThrow("no weights");
  });
  test("have the IR version of the opset where none is given", async () => {
    for (const [opset, ir] of [
      [13, 7],
      [18, 8],
      [19, 9],
      [21, 10],
      [23, 11],
      [8, 3],
    ] as const)
      expect((await again(new Graph("g", { opset }))).model.irVersion).toBe(ir);
  });
});
