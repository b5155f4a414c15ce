import { describe, expect, test } from "vitest";
import { check } from "../../src/graph/check.js";
import { insertBefore, remove } from "../../src/graph/edit.js";
import { Graph } from "../../src/graph/graph.js";
import { identity } from "../../src/graph/ops/identity.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { float32s } from "../../src/graph/tensor.js";
import { f32, type Type } from "../../src/graph/type.js";

/** input x [N,3] -> Relu r -> Sigmoid s = output "y". */
function chain() {
  const graph = new Graph("g");
  const x = graph.input("x", f32("N", 3));
  const r = relu(x, { name: "r" });
  const s = sigmoid(r, { name: "s" });
  graph.output(s, "y");
  return { graph, x, r, s };
}
/** A graph whose only node is of a type that was declared. */
function declared(op: string, input: Type | null, output: Type | null, domain = ""): Graph {
  const graph = new Graph("g");
  const x = graph.input("x", input);
  const node = graph.add({ op, domain, name: "n", inputs: [x], outputs: [{ name: "y", type: output }] });
  graph.output(node.outputs[0]!);
  return graph;
}

describe("check finds nothing wrong", () => {
  test("with a chain, or an input that is put out", () => {
    expect(check(chain().graph)).toEqual([]);
    const graph = new Graph("g");
    graph.output(graph.input("x", null));
    expect(check(graph)).toEqual([]);
  });

  test("with operators that have no rule here, and with types that are not known", () => {
    expect(check(declared("Elu", f32(2), f32(7)))).toEqual([]);
    expect(check(declared("Relu", null, f32(7)))).toEqual([]);
    expect(check(declared("Relu", f32("N", 3), null))).toEqual([]);
    expect(check(declared("Relu", f32("N", 3), f32("M", null)))).toEqual([]);
  });

  test("with another domain's operator of a known name, where the model imports that domain", () => {
    const graph = declared("Relu", f32(2), f32(7), "com.example");
    graph.opsets.set("com.example", 1);
    expect(check(graph)).toEqual([]);
  });

  test("with sparse constants", () => {
    const { graph } = chain();
    const sparse = { dtype: "float32", shape: [4], values: float32s([1]), indices: float32s([2]) } as const;
    graph.output(relu(graph.sparseConstant("c", sparse)), "z");
    expect(check(graph)).toEqual([]);
  });
});

describe("check says", () => {
  test("that a node comes before what it reads", () => {
    const { graph, r } = chain();
    const early = insertBefore(r.producer!, () => sigmoid(r, { name: "early" }));
    graph.output(early);
    expect(check(graph)).toEqual(["Sigmoid 'early' reads 'r' before it is made"]);
  });

  test("that a node or an output reads what is gone", () => {
    const { graph, x } = chain();
    const gone = relu(x, { name: "gone" });
    remove(gone.producer!);
    graph.output(sigmoid(gone, { name: "reader" }));
    graph.output(gone);
    expect(check(graph)).toEqual([
      "Sigmoid 'reader' reads 'gone' before it is made",
      "the output 'gone' is made by no node",
    ]);
  });

  test("that there is no output", () => {
    const graph = new Graph("empty");
    relu(graph.input("x", f32(1)));
    expect(check(graph)).toEqual(["the graph 'empty' has no output"]);
  });

  test("that two inputs or outputs have one name", () => {
    const { graph, x } = chain();
    graph.input("x", f32(1));
    graph.output(identity(x), "y");
    expect(check(graph)).toEqual([
      "the name 'x' is used by two of the graph's inputs and outputs",
      "the name 'y' is used by two of the graph's inputs and outputs",
    ]);
  });

  test("that one value is an output twice", () => {
    const { graph } = chain();
    graph.output(graph.outputs[0]!);
    expect(check(graph)).toEqual(["'y' is an output of the graph twice"]);
  });

  test("that a domain is not imported", () => {
    expect(check(declared("Gelu", f32(1), f32(1), "com.microsoft"))).toEqual([
      "Gelu 'n' is of the domain 'com.microsoft', for which the model imports no opset",
    ]);
    const graph = declared("Relu", f32(1), f32(1));
    graph.opsets.clear();
    expect(check(graph)).toEqual(["Relu 'n' is of the domain 'ai.onnx', for which the model imports no opset"]);
  });

  test("that inputs do not fit, as the operator's function would", () => {
    expect(check(declared("GlobalAveragePool", f32("N", 8), null))).toEqual([
      "GlobalAveragePool 'n': x must be [N,C,H,...], but has rank 2\n  x: float32[N,8] from 'x'",
    ]);
  });

  test("that a type contradicts the rule", () => {
    expect(check(declared("Relu", f32("N", 3), f32("N", 4)))).toEqual([
      "Relu 'n' makes float32[N,3], but 'y' is declared as float32[N,4]",
    ]);
  });

  test("the same of a node without a name, by its output's", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(3));
    graph.output(graph.add({ op: "Relu", name: "", inputs: [x], outputs: [{ name: "y", type: f32(4) }] }).outputs[0]!);
    graph.add({ op: "Foo", domain: "bar", name: "", inputs: [x], outputs: [] });
    expect(check(graph)).toEqual([
      "Relu 'y' makes float32[3], but 'y' is declared as float32[4]",
      "Foo '?' is of the domain 'bar', for which the model imports no opset",
    ]);
  });
});

describe("check looks into subgraphs", () => {
  /** A Loop in `chain` just before its Sigmoid, with what `fill` puts into its body. */
  function looped(fill: (body: Graph, outer: ReturnType<typeof chain>) => void): Graph {
    const outer = chain();
    const body = new Graph("body", { parent: outer.graph });
    fill(body, outer);
    const attributes = { body: { kind: "graph", value: body } } as const;
    const outputs = [{ name: "l", type: null }];
    const made = insertBefore(outer.s.producer!, () =>
      outer.graph.add({ op: "Loop", name: "loop", inputs: [], outputs, attributes }),
    );
    outer.graph.output(made.outputs[0]!);
    return outer.graph;
  }

  test("which may read what is made before them, and need no output", () => {
    expect(check(looped((body, { r }) => body.add({ op: "Relu", name: "", inputs: [r], outputs: [] })))).toEqual([]);
  });

  test("which may not read what is made later", () => {
    const graph = looped((body, { s }) => {
      body.add({ op: "Elu", name: "inner", inputs: [s], outputs: [] });
      body.output(s);
    });
    expect(check(graph)).toEqual(["Elu 'inner' reads 'y' before it is made", "the output 'y' is made by no node"]);
  });

  test("where names may be those of the graph around", () => {
    const graph = looped((body) => {
      const x = body.input("x", f32(2));
      body.output(body.add({ op: "Relu", name: "r", inputs: [x], outputs: [{ name: "y", type: null }] }).outputs[0]!);
    });
    expect(check(graph)).toEqual([]);
  });

  test("and finds operators that do not fit", () => {
    const graph = looped((body) => {
      const x = body.input("i", f32(2));
      body.add({ op: "Relu", name: "bad", inputs: [x], outputs: [{ name: "o", type: f32(3) }] });
    });
    expect(check(graph)).toEqual(["Relu 'bad' makes float32[2], but 'o' is declared as float32[3]"]);
  });
});
