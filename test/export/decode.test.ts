import { describe, expect, test } from "vitest";
import { resnet18 } from "../../models/resnet.js";
import { buildModel } from "../../src/build.js";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { windowed } from "../../src/export/windowed.js";
import { check } from "../../src/graph/check.js";
import { UserError } from "../../src/graph/error.js";
import type { Graph, Node } from "../../src/graph/graph.js";
import { type Ranged, readAll } from "../../src/graph/tensor.js";
import { show } from "../../src/graph/type.js";
import { cpuMs } from "../cpu-time.js";
import {
  bytesOf,
  constantsOf,
  fileOf,
  golden,
  goldenJson,
  hex,
  modelOf,
  plain,
  plainTensor,
  wireTree,
} from "./plain.js";

/** What Python read: {type, shape, hex} by name. */
type Described = Readonly<
  Record<string, { readonly type: string; readonly shape: readonly number[]; readonly hex: string }>
>;
const pythonNames: Readonly<Record<string, string>> = { float: "float32", double: "float64" };
const fromPython = (tensors: Described): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => [name, `${pythonNames[t.type] ?? t.type}[${t.shape}] ${t.hex}`]),
  );

const output = { output: [{ name: "y" }] };
const node = (op_type: string, input: readonly string[], outputs: readonly string[], rest: object = {}): object => ({
  op_type,
  input,
  output: outputs,
  ...rest,
});
const float = (name: string, ...dims: number[]): object => ({
  name,
  dims,
  data_type: 1,
  raw_data: new Uint8Array(4 * dims.reduce((a, b) => a * b, 1)),
});
/** A graph attribute of an If. */
const branch = (name: string, g: object): object => ({ name, type: 5, g });

describe("a file by the official package, with every message and field", () => {
  test("is read as Python reads it", async () => {
    const graph = await decode(await golden("everything.onnx"));
    const { initializers, attributes } = (await goldenJson("everything")) as {
      initializers: Described;
      attributes: Record<string, Record<string, unknown>>;
    };
    const { "w.default": byDefault, ...constants } = fromPython(initializers);
    expect(await constantsOf(graph)).toEqual(constants);
    const [[input, t] = []] = graph.defaults;
    expect([input?.name, t && (await plainTensor(t))]).toEqual(["w.default", byDefault]);

    const [every] = graph.nodes;
    const read = Object.entries(every?.attributes ?? {});
    expect(read.map(([name]) => name)).toEqual(Object.keys(await orderedAttributes()));
    for (const [name, a] of read) {
      const [[, expected] = []] = Object.entries(attributes[name] ?? {});
      if (a.kind === "int") expect(`${a.value}`).toBe(expected);
      if (a.kind === "ints" && expected) expect(a.value.map(String)).toEqual(expected);
      if (a.kind === "float" || a.kind === "floats") expect(a.value).toEqual(expected);
      if (a.kind === "string") expect(textHex(a.value)).toBe(expected);
      if (a.kind === "strings") expect(a.value.map(textHex)).toEqual(expected);
      if (a.kind === "tensor") expect(await plainTensor(a.value)).toBe(fromPython({ t: expected } as Described).t);
    }
    expect(every?.attributes["i-"]).toEqual({ kind: "int", value: -(2n ** 63n) });
    expect(every?.attributes.i).toEqual({ kind: "int", value: 2n ** 62n + 1n });
    expect(every?.attributes.s).toEqual({ kind: "string", value: "Größe" });
    expect(every?.attributes.s8).toEqual({ kind: "string", value: bytesOf(0xff, 0xfe) });
  });
  test("has the types, values and bodies that it has", async () => {
    const graph = await decode(await golden("everything.onnx"));
    expect(graph.inputs.map((v) => `${v.name}: ${show(v.type)}`)).toEqual([
      "x: float32[N,3]",
      "flag: bool[]",
      "any rank: float64[...]",
      "unknown length: float32[?,0,N]",
      "list: sequence(float32[N,3])",
      "maybe: optional(float32[N,3])",
      "table: map(string, sequence(float32[N,3]))",
      "sparse input: sparse float32[N,4]",
      "untyped: unknown",
      "w.default: float32[1]",
      "opaque: opaque",
    ]);
    expect(
      graph.nodes.map(
        (n) => `${n.domain}.${n.op}(${n.inputs.map((v) => v?.name ?? "-")}) -> ${n.outputs.map((v) => v.name || "-")}`,
      ),
    ).toEqual([
      "custom.domain.Every(x,-,w.int64) -> every,-,third",
      ".If(flag) -> chosen",
      "local.Scaled(chosen) -> y",
    ]);
    const then = graph.nodes[1]?.attributes.then_branch;
    expect(then?.kind === "graph" && then.value.nodes[0]?.inputs.map((v) => v?.graph === graph)).toEqual([true, true]);
    expect(graph.functions[0]?.body.nodes[0]?.attributes.value_float).toEqual({
      kind: "reference",
      to: "by",
      of: "float",
    });
    expect([...graph.opsets]).toEqual([
      ["", 21],
      ["ai.onnx.ml", 3],
      ["custom.domain", 1],
      ["local", 1],
    ]);
    expect(graph.model).toMatchObject({
      irVersion: 10,
      producerName: "make.py",
      domain: "org.example",
      modelVersion: 7,
      docString: "doc of the model",
    });
    expect([...graph.metadata]).toEqual([
      ["a", "1"],
      ["b", ""],
    ]);
  });
  test("loses nothing when it is written again: doc strings, metadata, denotations, names, annotations, fields of later versions", async () => {
    const file = await golden("everything.onnx");
    const again = await encodeToBytes(await decode(file));
    expect(wireTree(again)).toEqual(wireTree(file));
    expect(wireTree(await encodeToBytes(await decode(again)))).toEqual(wireTree(file));
  });
});

describe("one spelling for what files spell in many", () => {
  test("values in typed fields are the bytes that Python has", async () => {
    const file = await golden("typed.onnx");
    const expected = fromPython((await goldenJson("typed")) as Described);
    expect(Object.keys(expected)).toHaveLength(26); // every element type but string, and one without elements
    expect(await constantsOf(await decode(file))).toEqual(expected);
    expect(await constantsOf(await decode(await encodeToBytes(await decode(file))))).toEqual(expected);
  });
  test("typed values one by one, in several runs, and long ones", async () => {
    const bytes = new Uint8Array(Float32Array.from({ length: 20_000 }, Math.sqrt).buffer);
    const graph = await decode(
      modelOf({
        initializer: [
          { name: "runs", dims: [3], data_type: 1, float_data: [bytes.slice(0, 4), bytes.slice(4, 12)] },
          { name: "beside", dims: [1], data_type: 1, raw_data: new Uint8Array(), float_data: [bytes.slice(4, 8)] },
          { name: "long", dims: [20_000], data_type: 1, float_data: [bytes] },
          { name: "bools", dims: [70_000], data_type: 9, int32_data: [new Uint8Array(70_000).fill(1)] },
          {
            name: "halves",
            dims: [40_000],
            data_type: 10,
            int32_data: [Uint8Array.from({ length: 120_000 }, (_, i) => [0x80, 0x80, 0x03][i % 3] ?? 0)],
          },
        ],
      }),
    );
    const constants = await constantsOf(graph);
    expect(constants.runs).toBe(`float32[3] ${hex(bytes.slice(0, 12))}`);
    expect(constants.beside).toBe(`float32[1] ${hex(bytes.slice(4, 8))}`);
    expect(constants.long).toBe(`float32[20000] ${hex(bytes)}`);
    expect(constants.bools).toBe(`bool[70000] ${"01".repeat(70_000)}`);
    expect(constants.halves).toBe(`float16[40000] ${"00c0".repeat(40_000)}`);
    expect(graph.constants.map((v) => v.constant?.data !== null)).toEqual([true, true, false, false, false]);
  });
  test("Constant nodes are constants, but for a sparse one and one that makes an output", async () => {
    const graph = await decode(await golden("constants.onnx"));
    const { initializers } = (await goldenJson("constants")) as { initializers: Described };
    expect(await constantsOf(graph)).toEqual(fromPython(initializers));
    expect(graph.nodes.map((n) => `${n.op} ${n.outputs[0]?.name}`)).toEqual([
      "Constant sparse",
      "Constant out",
      "Use y",
    ]);
    expect(graph.nodes[2]?.inputs.slice(0, 7).every((v) => v?.constant)).toBe(true);
  });
  test("initializers of an IR version 3 file are no inputs", async () => {
    const file = await golden("ir3.onnx");
    const graph = await decode(file);
    const { initializers } = (await goldenJson("ir3")) as { initializers: Described };
    expect(graph.inputs.map((v) => v.name)).toEqual(["x"]);
    expect(await constantsOf(graph)).toEqual(fromPython(initializers));
    const inputs = (f: unknown): unknown =>
      (f as { graph: [{ input: { name: string[] }[] }] }).graph[0].input.map((i) => i.name[0]).sort();
    expect(inputs(wireTree(await encodeToBytes(graph)))).toEqual(["v", "w", "x"]);
    expect(JSON.stringify(wireTree(await encodeToBytes(graph)))).toContain(hex(new TextEncoder().encode("announced")));
  });
  test("from IR version 4 on an initializer that is an input too is what the input holds when nothing is fed", async () => {
    const graph = await decode(
      modelOf({ input: [{ name: "x" }], initializer: [float("x", 2)], output: [{ name: "x" }] }),
    );
    expect(graph.constants).toEqual([]);
    expect(graph.inputs.map((v) => graph.defaults.get(v)?.shape)).toEqual([[2]]);
  });
  test("a Constant node of a body is a constant, and one again in an IR version 3 file, where an initializer would be an input more", async () => {
    const constant = node("Constant", [], ["c"], { attribute: [{ name: "value", type: 4, t: float("", 1) }] });
    const body = { node: [constant, node("Neg", ["c"], ["n"])], output: [{ name: "n" }] };
    const graph = {
      node: [node("If", ["b"], ["y"], { attribute: [branch("then_branch", body)] })],
      input: [{ name: "b" }],
      ...output,
    };
    for (const ir_version of [3, 4]) {
      const read = await decode(modelOf(graph, { ir_version }));
      const then = read.nodes[0]?.attributes.then_branch;
      expect(then?.kind === "graph" && then.value.nodes.map((n) => n.op)).toEqual(["Neg"]);
      expect(then?.kind === "graph" && then.value.constants.map((v) => v.name)).toEqual(["c"]);
      const written = JSON.stringify(wireTree(await encodeToBytes(read)));
      expect(written.includes('"Constant"'), written).toBe(ir_version === 3);
      expect(written.includes('"initializer"'), written).toBe(ir_version === 4);
    }
  });
  test("nodes are put in order, those that a body reads from included, and stay as they are where they are in order", async () => {
    const body = { node: [node("Neg", ["b"], ["n"])], output: [{ name: "n" }] };
    const nodes = [
      node("If", ["flag"], ["y"], { attribute: [branch("then_branch", body)] }),
      node("Abs", ["a"], ["b"]),
      node("Exp", ["x"], ["a"]),
      node("Log", ["x"], ["free"]),
    ];
    const names = (graph: Graph): readonly string[] => graph.nodes.map((n) => n.op);
    const graph = await decode(modelOf({ node: nodes, input: [{ name: "x" }, { name: "flag" }], ...output }));
    expect(names(graph)).toEqual(["Exp", "Abs", "If", "Log"]);
    expect(names(await decode(await encodeToBytes(graph)))).toEqual(["Exp", "Abs", "If", "Log"]);
    expect(check(graph)).toEqual([]);
  });
  test("ai.onnx is the domain ''", async () => {
    const graph = await decode(
      modelOf(
        { node: [node("Relu", ["x"], ["y"], { domain: "ai.onnx" })], input: [{ name: "x" }], ...output },
        { opset_import: [{ domain: "ai.onnx", version: 9 }] },
      ),
    );
    expect([graph.nodes[0]?.domain, graph.opsets.get("")]).toEqual(["", 9]);
  });
  test("an attribute of IR version 1, which does not say its kind, has that of its value", async () => {
    const attribute = [
      { name: "alpha", f: 1 },
      { name: "axis", i: 0 },
      { name: "mode", s: bytesOf(65) },
      { name: "axes", ints: [1] },
    ];
    const graph = await decode(
      modelOf({ node: [node("Op", [], ["y"], { attribute })], ...output }, { ir_version: 1, opset_import: [] }),
    );
    expect(Object.values(graph.nodes[0]?.attributes ?? {}).map((a) => a.kind)).toEqual([
      "float",
      "int",
      "string",
      "ints",
    ]);
  });
  test("a model version beyond 2^53 and a file without IR version are written back", async () => {
    const file = modelOf({}, { model_version: 2n ** 60n + 1n });
    expect(wireTree(await encodeToBytes(await decode(file)))).toEqual(wireTree(file));
    expect((await decode(fileOf({ graph: {}, opset_import: [{ version: 18 }] }))).model.irVersion).toBeNull();
  });
  test("values of element types that this version does not know keep their type", async () => {
    const type = { tensor_type: { elem_type: 77, shape: { dim: [{ dim_value: 2 }] } } };
    const file = modelOf({ input: [{ name: "x", type }], output: [{ name: "x", type }] });
    expect((await decode(file)).inputs.map((v) => show(v.type))).toEqual(["opaque"]);
    expect(wireTree(await encodeToBytes(await decode(file)))).toEqual(wireTree(file));
  });
  test("lengths below 0 and beyond 2^53 are not known, and are written back", async () => {
    const dim = [
      { dim_value: -1 },
      { dim_value: 2n ** 62n },
      { dim_value: 3, dim_param: "N" },
      { dim_value: -1, dim_param: "M" },
    ];
    const type = { tensor_type: { elem_type: 1, shape: { dim } } };
    const file = modelOf({ input: [{ name: "x", type }], output: [{ name: "x", type }] });
    expect((await decode(file)).inputs.map((v) => show(v.type))).toEqual(["float32[?,?,3,M]"]);
    expect(wireTree(await encodeToBytes(await decode(file)))).toEqual(wireTree(file));
  });
  test("an IR or opset version beyond 2^53 is refused", async () => {
    await expect(decode(modelOf({}, { ir_version: 2n ** 60n }))).rejects.toThrow(
      "the model has IR version 1152921504606846976, which is none",
    );
    await expect(decode(modelOf({}, { opset_import: [{ domain: "a", version: 2n ** 60n }] }))).rejects.toThrow(
      "opset 1152921504606846976 of 'a' is none",
    );
  });
});

describe("what no graph can be is refused with a sentence that names the place", () => {
  const relu = (from: string, to: string): object => node("Relu", [from], [to], { name: `to ${to}` });
  const x = { input: [{ name: "x" }] };
  const lying = (message: object): object => ({ initializer: [{ name: "w", ...message }] });
  const external = (...pairs: readonly (readonly [string, string])[]): object =>
    lying({ dims: [1], data_type: 1, data_location: 1, external_data: pairs.map(([key, value]) => ({ key, value })) });
  const attribute = (...list: object[]): object => ({
    node: [node("Op", [], ["y"], { name: "op", attribute: list })],
    ...output,
  });
  const cases: readonly (readonly [string, object, string])[] = [
    [
      "a cycle",
      { ...x, node: [relu("b", "a"), relu("a", "b")], ...output },
      "the graph has a cycle: Relu 'to a' needs its own output 'a'",
    ],
    [
      "a node that reads itself",
      { node: [relu("a", "a")] },
      "the graph has a cycle: Relu 'to a' needs its own output 'a'",
    ],
    [
      "a value that nothing makes",
      { node: [relu("nowhere", "y")], ...output },
      "Relu 'to y' reads 'nowhere', which nothing makes",
    ],
    ["an output that nothing makes", { ...x, ...output }, "the output 'y' of the graph 'g' is made by no node"],
    [
      "two nodes that make one value",
      { ...x, node: [relu("x", "y"), relu("x", "y")], ...output },
      "two values of the graph 'g' have the name 'y'",
    ],
    [
      "two inputs of one name",
      { input: [{ name: "x" }, { name: "x" }] },
      "two values of the graph 'g' have the name 'x'",
    ],
    [
      "two initializers of one name",
      { initializer: [float("w", 1), float("w", 2)] },
      "two initializers of the graph 'g' have the name 'w'",
    ],
    ["an input without a name", { input: [{}] }, "a value of the graph 'g' has no name"],
    [
      "too few bytes",
      lying({ dims: [2, 3], data_type: 1, raw_data: new Uint8Array(20) }),
      "the tensor 'w' is float32[2,3], which takes 24 bytes, but 20 are there",
    ],
    [
      "too many bytes",
      lying({ dims: [], data_type: 7, raw_data: new Uint8Array(9) }),
      "the tensor 'w' is int64[], which takes 8 bytes, but 9 are there",
    ],
    [
      "no bytes",
      lying({ dims: [2 ** 40], data_type: 1 }),
      "takes 4398046511104 bytes, but 0 bytes of values are there",
    ],
    ["a negative length", lying({ dims: [-1], data_type: 1 }), "the tensor 'w' has the shape [-1]"],
    [
      "a length beyond 2^53",
      lying({ dims: [2n ** 60n], data_type: 1 }),
      "the tensor 'w' has the shape [1152921504606847000]",
    ],
    [
      "a product of lengths beyond 2^53",
      lying({ dims: [2 ** 40, 2 ** 40], data_type: 1 }),
      "the tensor 'w' has the shape [",
    ],
    [
      "a product of lengths beyond all numbers",
      lying({
        dims: Array<number>(40)
          .fill(2 ** 40)
          .concat(0),
        data_type: 7,
      }),
      "the tensor 'w' has the shape [",
    ],
    ["no element type", lying({ dims: [1] }), "the tensor 'w' has element type 0, which this version does not know"],
    [
      "an unknown element type",
      lying({ dims: [1], data_type: 99 }),
      "the tensor 'w' has element type 99, which this version does not know",
    ],
    [
      "too few strings",
      lying({ dims: [2], data_type: 8, string_data: [bytesOf(65)] }),
      "the tensor 'w' is string[2], but has 1 strings",
    ],
    [
      "too few floats",
      lying({ dims: [2], data_type: 1, float_data: [new Uint8Array(4)] }),
      "takes 8 bytes, but 4 bytes of values are there",
    ],
    [
      "too few integers",
      lying({ dims: [4], data_type: 7, int64_data: [bytesOf(1, 0x80, 0x80, 1)] }),
      "the tensor 'w' is int64[4], which takes 4 integers, but 2 are there",
    ],
    [
      "too few integers for a long tensor",
      lying({ dims: [20_000], data_type: 7, int64_data: [bytesOf(1)] }),
      "the tensor 'w' is int64[20000], which takes 20000 integers, but 1 bytes of them are there",
    ],
    [
      "an integer cut short",
      lying({ dims: [2], data_type: 7, int64_data: [bytesOf(1, 0x80)] }),
      "takes 2 integers, but no whole ones are there",
    ],
    [
      "an integer of eleven bytes",
      lying({ dims: [2], data_type: 6, int32_data: [new Uint8Array(12).fill(0x80)] }),
      "takes 2 integers, but no whole ones are there",
    ],
    [
      "external data nobody may open",
      external(["location", "w.data"]),
      "the model keeps tensors in 'w.data', which cannot be opened from here",
    ],
    [
      "external data without a place",
      external(["offset", "0"]),
      "the tensor 'w' lives in another file, but the model does not say which",
    ],
    [
      "an offset that is no number",
      external(["location", "w"], ["offset", "-1"]),
      "take '4' bytes of 'w' from byte '-1' on, which are no numbers",
    ],
    [
      "an attribute of an unknown kind",
      attribute({ name: "a", type: 99 }),
      "the attribute 'a' of Op 'op' is of kind 99, which this version does not know",
    ],
    [
      "an attribute twice",
      attribute({ name: "a", i: 1, type: 2 }, { name: "a", i: 2, type: 2 }),
      "the attribute 'a' of Op 'op' is there twice",
    ],
    [
      "a tensor attribute that lies",
      attribute({ name: "a", type: 4, t: { dims: [1], data_type: 1 } }),
      "the attribute 'a' of Op 'op' is float32[1], which takes 4 bytes, but 0",
    ],
    [
      "a sparse tensor with a negative length",
      attribute({ name: "a", type: 11, sparse_tensor: { dims: [-1] } }),
      "the attribute 'a' of Op 'op' has the shape [-1]",
    ],
    [
      "a body that reads what comes later",
      {
        ...x,
        node: [
          node("If", ["x"], ["y"], {
            attribute: [branch("then_branch", { node: [relu("y", "z")], output: [{ name: "z" }] })],
          }),
        ],
        ...output,
      },
      "the graph has a cycle: If 'y' needs its own output 'y'",
    ],
    [
      "an output of a body that nothing makes",
      {
        ...x,
        node: [
          node("If", ["x"], ["y"], { attribute: [branch("then_branch", { name: "body", output: [{ name: "z" }] })] }),
        ],
        ...output,
      },
      "the output 'z' of the graph 'body' is made by no node",
    ],
  ];
  test.each(cases)("%s", async (_, graph, sentence) => {
    const error = await decode(modelOf(graph)).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(sentence);
  });
  test("a value twice, one that nothing makes and a cycle in a function", async () => {
    const refusal = (f: object): Promise<unknown> =>
      decode(modelOf({}, { functions: [{ name: "f", ...f }] })).catch((e: unknown) => e);
    expect(await refusal({ input: ["x", "x"] })).toEqual(
      new UserError("two values of the graph 'f' have the name 'x'"),
    );
    expect(await refusal({ output: ["y"] })).toEqual(
      new UserError("the output 'y' of the graph 'f' is made by no node"),
    );
    expect(await refusal({ node: [relu("b", "a"), relu("a", "b")] })).toEqual(
      expect.objectContaining({ message: expect.stringContaining("cycle") }),
    );
  });
  test.each([new Uint8Array(), bytesOf(0x08, 8), new TextEncoder().encode("not a model")])(
    "what is no model: %s",
    async (bytes) => {
      await expect(decode(bytes)).rejects.toThrow(UserError);
    },
  );
  test("a file cut short at any byte", async () => {
    for (const name of ["everything", "constants", "typed", "ir3"]) {
      const file = await golden(`${name}.onnx`);
      let refused = 0;
      for (let length = 0; length < file.length; length++) {
        const error = await decode(file.subarray(0, length)).then(
          () => null,
          (e: unknown) => e,
        );
        if (error === null) continue; // the cut fell between two fields of the model itself
        expect(error, `${name} cut at ${length}`).toBeInstanceOf(UserError);
        refused++;
      }
      expect(refused).toBeGreaterThan(0.8 * file.length);
    }
  });
  test("bodies nested 34 deep are too deep, 30 deep are not", async () => {
    const nested = (depth: number): object =>
      depth
        ? { node: [node("If", ["x"], ["y"], { attribute: [branch("then_branch", nested(depth - 1))] })], ...output }
        : { node: [relu("x", "y")], ...output };
    await expect(decode(modelOf({ ...x, ...nested(34) }))).rejects.toThrow("nested more than 100 messages deep");
    expect((await decode(modelOf({ ...x, ...nested(30) }))).nodes).toHaveLength(1);
  });
  test("large graphs take time that grows with them alone: a chain in reverse, one node that reads all, one name for all nodes", async () => {
    const count = 20_000;
    const chain = Array.from({ length: count }, (_, i) =>
      node("Relu", [i ? `v${i - 1}` : "x"], [`v${i}`], { name: "same" }),
    ).reverse();
    const all = node(
      "Sum",
      Array.from({ length: count }, (_, i) => `v${i}`),
      ["y"],
    );
    const file = modelOf({ ...x, node: [all, ...chain], ...output });
    const start = cpuMs();
    const graph = await decode(file);
    await encodeToBytes(graph);
    expect(cpuMs() - start).toBeLessThan(10_000);
    expect(graph.nodes.at(-1)?.op).toBe("Sum");
    expect(graph.nodes).toHaveLength(count + 1);
  });
});

describe("reading by range", () => {
  const model = (): Promise<Uint8Array> =>
    encodeToBytes(buildModel("resnet18", resnet18, { classes: 10, inputSize: 64 }).graph);
  /** `bytes` as a file that notes the length of each read. */
  const spied = (bytes: Uint8Array, lengths: number[]): Ranged => ({
    byteLength: bytes.length,
    read: async (start, end) => {
      lengths.push(end - start);
      return bytes.slice(start, end);
    },
  });

  test("of a 45 MB file takes less than 1 MiB until a tensor is asked for, and holds no long tensor", async () => {
    const bytes = await model();
    const lengths: number[] = [];
    const graph = await decode(windowed(spied(bytes, lengths)));
    const read = lengths.reduce((a, b) => a + b, 0);
    expect(bytes.length).toBeGreaterThan(45_000_000);
    expect(read).toBeLessThan(2 ** 20);
    const held = graph.constants.reduce((n, v) => n + (v.constant?.data?.length ?? 0), 0);
    expect(held).toBeLessThan(2 ** 20);
    const longest = graph.constants.reduce((a, b) =>
      (a.constant?.byteLength ?? 0) > (b.constant?.byteLength ?? 0) ? a : b,
    ).constant;
    lengths.length = 0;
    await longest?.read(1_000_000, 1_200_000);
    expect(lengths).toEqual([200_000]);
  });
  test.each([20, 1000, 65_536])("through windows of %i bytes gives the graph that memory gives", async (size) => {
    const bytes = await model();
    const [ranged, memory] = [await decode(windowed(spied(bytes, []), size)), await decode(bytes)];
    const same = async (a: Node | undefined, b: Node | undefined): Promise<void> => {
      for (const [i, v] of (a?.inputs ?? []).entries()) {
        const [t, u] = [v?.constant, b?.inputs[i]?.constant];
        if (t && u) expect(Buffer.compare(await readAll(t), await readAll(u))).toBe(0);
      }
    };
    const [small, whole] = [ranged, memory].map((g) => ({
      nodes: g.nodes,
      lines: g.nodes.map((n) => [n.op, n.name, n.inputs.map((v) => [v?.name, show(v?.type ?? null)]), n.attributes]),
    }));
    expect(small?.lines).toEqual(whole?.lines);
    for (const [i, n] of (small?.nodes ?? []).entries()) await same(n, whole?.nodes[i]);
    expect([...ranged.metadata]).toEqual([...memory.metadata]);
  });
  test("gives the graph that memory gives also where every part is a range", async () => {
    const file = await golden("everything.onnx");
    const long = modelOf({ initializer: [float("long", 20_000)] });
    for (const bytes of [file, long])
      expect(await plain(await decode(windowed(spied(bytes, []), 16)))).toEqual(await plain(await decode(bytes)));
  });
});

const textHex = (t: string | Uint8Array): string => hex(typeof t === "string" ? new TextEncoder().encode(t) : t);
/** The attributes of the golden's node in the file's order. */
async function orderedAttributes(): Promise<Readonly<Record<string, unknown>>> {
  const tree = wireTree(await golden("everything.onnx")) as {
    graph: [{ node: [{ attribute: { name: [string] }[] }] }];
  };
  return Object.fromEntries(tree.graph[0].node[0].attribute.map((a) => [a.name[0], a]));
}
