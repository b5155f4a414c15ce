import { describe, expect, test } from "vitest";
import { check } from "../../src/graph/check.js";
import { insertBefore, remove, removeConstant, replace } from "../../src/graph/edit.js";
import { Graph, GraphError, type Node, subgraphs, type Value } from "../../src/graph/graph.js";
import { nameAll } from "../../src/graph/names.js";
import { add } from "../../src/graph/ops/add.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { Scope } from "../../src/graph/scope.js";
import { float32s } from "../../src/graph/tensor.js";
import { f32, show, tensorType } from "../../src/graph/type.js";
import { cpuMs } from "../cpu-time.js";

const ops = (graph: Graph): string[] => graph.nodes.map((n) => n.op);

/** input x [2,3] -> Relu y -> Sigmoid z = output "out". */
function chain() {
  const graph = new Graph("chain");
  const x = graph.input("x", f32(2, 3));
  const y = relu(x, { name: "y" });
  const z = sigmoid(y, { name: "z" });
  graph.output(z, "out");
  return { graph, x, y, z };
}
const maker = (v: Value): Node => v.producer!;

/** An If of `parent` whose two branches `then` and `otherwise` fill. */
function branch(parent: Graph, condition: Value, then: (g: Graph) => void, otherwise: (g: Graph) => void): Node {
  const bodies = [then, otherwise].map((fill, i) => {
    const body = new Graph(i ? "else" : "then", { parent });
    fill(body);
    return body;
  });
  return parent.add({
    op: "If",
    name: "if",
    inputs: [condition],
    outputs: [{ name: "chosen", type: f32(2, 3) }],
    attributes: {
      then_branch: { kind: "graph", value: bodies[0]! },
      else_branch: { kind: "graph", value: bodies[1]! },
    },
  });
}

/** A graph with inputs c and x, a value `shared`, and an If that either takes `shared` as it is or makes its Relu "inner". */
function conditional() {
  const graph = new Graph("conditional");
  const c = graph.input("c", tensorType("bool", []));
  const x = graph.input("x", f32(2, 3));
  const shared = sigmoid(x, { name: "shared" });
  const node = branch(
    graph,
    c,
    (g) => g.output(shared),
    (g) => {
      const made = g.add({ op: "Relu", name: "", inputs: [shared], outputs: [{ name: "inner", type: f32(2, 3) }] });
      g.output(made.outputs[0]!);
    },
  );
  const [taken, otherwise] = subgraphs(node);
  return { graph, c, x, shared, node, taken: taken!, otherwise: otherwise! };
}

describe("uses", () => {
  test("Mul(y, y) reads y twice", () => {
    const { graph, y } = chain();
    const node = maker(mul(y, y));
    expect(y.uses.filter((u) => u.node === node)).toEqual([
      { graph, node, index: 0 },
      { graph, node, index: 1 },
    ]);
    expect(y.uses).toHaveLength(3);
    remove(node);
    expect(y.uses).toHaveLength(1);
  });

  test("an output of the graph is one, without a node", () => {
    const { graph, y, z } = chain();
    expect(z.uses).toEqual([{ graph, node: null, index: 0 }]);
    graph.output(y);
    expect(y.uses).toContainEqual({ graph, node: null, index: 1 });
  });

  test("nodes and outputs of subgraphs count", () => {
    const { shared, taken, otherwise } = conditional();
    expect(shared.uses).toEqual([
      { graph: taken, node: null, index: 0 },
      { graph: otherwise, node: otherwise.nodes[0], index: 0 },
    ]);
  });

  test("inputs left out are none", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(1));
    const node = graph.add({ op: "Clip", name: "", inputs: [x, null, x], outputs: [{ name: "y", type: f32(1) }] });
    expect(x.uses.map((u) => u.index)).toEqual([0, 2]);
    expect(node.inputs).toEqual([x, null, x]);
  });
});

describe("nodes", () => {
  test("stand in the order in which they came, and a list once taken stays as it is", () => {
    const { graph, y } = chain();
    const before = graph.nodes;
    relu(y);
    expect(before.map((n) => n.op)).toEqual(["Relu", "Sigmoid"]);
    expect(ops(graph)).toEqual(["Relu", "Sigmoid", "Relu"]);
  });

  test("made inside `insertBefore` land just before that node, the first of them too", () => {
    const { graph, x, y, z } = chain();
    const made = insertBefore(maker(y), () => [mul(x, x), add(x, x)]);
    insertBefore(maker(z), () => insertBefore(maker(y), () => sigmoid(x)));
    expect(ops(graph)).toEqual(["Mul", "Add", "Sigmoid", "Relu", "Sigmoid"]);
    expect(made.map((v) => v.producer)).toEqual(graph.nodes.slice(0, 2));
    relu(x);
    expect(ops(graph).at(-1)).toBe("Relu");
    expect(check(graph)).toEqual([]);
  });

  test("land at the end again after an `insertBefore` that threw", () => {
    const { graph, x, y } = chain();
    const fails = () => {
      throw new RangeError("no");
    };
    expect(() => insertBefore(maker(y), fails)).toThrow(RangeError);
    mul(x, x);
    expect(ops(graph)).toEqual(["Relu", "Sigmoid", "Mul"]);
  });

  test("are taken out of the start, the middle and the end", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(1));
    const [a, b, c] = [relu(x), sigmoid(x), relu(x)].map(maker);
    remove(b!);
    expect(graph.nodes).toEqual([a, c]);
    remove(a!);
    expect(graph.nodes).toEqual([c]);
    remove(c!);
    expect(graph.nodes).toEqual([]);
    expect(x.uses).toEqual([]);
    const again = relu(x);
    expect(graph.nodes).toEqual([again.producer]);
  });

  test("that are read stay, nothing is done to nodes that are gone, and other graphs keep theirs", () => {
    const { graph, x, y, z } = chain();
    expect(() => remove(maker(y))).toThrow(new GraphError("Relu 'y' cannot be removed: 'y' is still read"));
    expect(() => remove(maker(z))).toThrow("'out' is still read");
    const node = maker(mul(x, x));
    remove(node);
    expect(() => remove(node)).toThrow(new GraphError("Mul 'Mul' is no longer in the graph"));
    expect(() => insertBefore(node, () => null)).toThrow(GraphError);

    const other = chain();
    remove(maker(relu(other.x)));
    expect(ops(other.graph)).toEqual(["Relu", "Sigmoid"]);
    expect(ops(graph)).toEqual(["Relu", "Sigmoid"]);
  });
});

describe("replace", () => {
  test("hands every reader over, twice where it reads twice", () => {
    const { graph, x, y, z } = chain();
    const twice = maker(mul(y, y));
    replace(y, x);
    expect(maker(z).inputs).toEqual([x]);
    expect(twice.inputs).toEqual([x, x]);
    expect(y.uses).toEqual([]);
    expect(x.uses).toHaveLength(4);
    remove(maker(y));
    expect(ops(graph)).toEqual(["Sigmoid", "Mul"]);
    expect(check(graph)).toEqual([]);
  });

  test("an output keeps its name, whoever makes it", () => {
    const { graph, y, z } = chain();
    replace(z, y);
    expect(graph.outputs).toEqual([y]);
    expect(y.name).toBe("out");
    expect(nameAll(graph).of(y)).toBe("out");
  });

  test("a new value takes the name over, one with readers keeps its own", () => {
    const { x, y } = chain();
    const fresh = insertBefore(maker(y), () => sigmoid(x, { name: "fresh" }));
    replace(y, fresh);
    expect(fresh.name).toBe("y");
    const used = sigmoid(x, { name: "used" });
    relu(used);
    const other = mul(used, used, { name: "other" });
    relu(other);
    replace(other, used);
    expect(used.name).toBe("used");
  });

  test("inputs, constants and outputs keep their names", () => {
    const { graph, x, y, z } = chain();
    expect(() => replace(z, x)).toThrow(
      new GraphError("the output 'out' cannot give way to 'x', which has a name of its own"),
    );
    expect(() => replace(z, graph.constant("c", float32s([1, 2, 3, 4, 5, 6], [2, 3])))).toThrow(GraphError);
    graph.output(y, "second");
    expect(() => replace(z, y)).toThrow("the output 'out' cannot give way to 'second'");
    replace(y, y);
    expect(graph.outputs).toEqual([z, y]);
  });

  test("in subgraphs too", () => {
    const { graph, x, shared, node, taken, otherwise } = conditional();
    graph.output(node.outputs[0]!);
    const instead = insertBefore(node, () => relu(x, { name: "instead" }));
    replace(shared, instead);
    expect(taken.outputs).toEqual([instead]);
    expect(otherwise.nodes[0]?.inputs).toEqual([instead]);
    expect(shared.uses).toEqual([]);
    expect(check(graph)).toEqual([]);
  });

  test("refuses another type", () => {
    const { graph, x, y } = chain();
    expect(() => replace(y, graph.input("w", f32(2, 4)))).toThrow(
      new GraphError("'y' is float32[2,3] and cannot give way to 'w', which is float32[2,4]"),
    );
    expect(() => replace(y, graph.input("h", tensorType("float16", [2, 3])))).toThrow(GraphError);
    replace(y, graph.input("n", f32("N", 3)));
    expect(x.uses).toHaveLength(1);
  });

  test("an output keeps what was said of its type; other values learn from what they replace", () => {
    const { graph, x, y, z } = chain();
    const vague = graph.add({ op: "Elu", name: "", inputs: [x], outputs: [{ name: "e", type: f32(null, 3) }] });
    replace(y, vague.outputs[0]!);
    expect(show(vague.outputs[0]!.type)).toBe("float32[2,3]");
    const unknown = graph.add({ op: "Elu", name: "", inputs: [x], outputs: [{ name: "u", type: null }] });
    replace(z, unknown.outputs[0]!);
    expect(show(graph.outputs[0]!.type)).toBe("float32[2,3]");

    const symbolic = new Graph("g");
    const w = symbolic.input("w", f32(4, 3));
    symbolic.output(
      symbolic.add({ op: "Elu", name: "", inputs: [w], outputs: [{ name: "o", type: f32("N", null) }] }).outputs[0]!,
    );
    replace(symbolic.outputs[0]!, relu(w));
    expect(show(symbolic.outputs[0]!.type)).toBe("float32[N,3]");
  });

  test("refuses a value that the readers cannot reach", () => {
    const { shared, otherwise } = conditional();
    expect(() => replace(shared, otherwise.nodes[0]!.outputs[0]!)).toThrow(
      new GraphError("replacing 'shared': 'inner' belongs to another graph ('else', not 'conditional')"),
    );
    expect(() => replace(shared, chain().y)).toThrow("belongs to another graph");
  });
});

describe("outputs", () => {
  test("name the value that is put out", () => {
    const { graph, y } = chain();
    graph.output(y, "features");
    expect(y.name).toBe("features");
    expect(graph.outputs.map((v) => v.name)).toEqual(["out", "features"]);
  });

  test("take no name from a value that callers know", () => {
    const { graph, x, z } = chain();
    expect(() => graph.output(z, "again")).toThrow(
      new GraphError("'out' has a name that callers know: make 'again' an Identity of it"),
    );
    expect(() => graph.output(x, "y")).toThrow(GraphError);
    expect(() => graph.output(graph.constant("c", float32s([1])), "y")).toThrow(GraphError);
    graph.output(x);
    expect(graph.outputs.map((v) => v.name)).toEqual(["out", "x"]);
  });

  test("of another graph are refused", () => {
    expect(() => chain().graph.output(chain().y, "mine")).toThrow(
      new GraphError("output 'mine': 'y' belongs to another graph ('chain', not 'chain')"),
    );
  });
});

describe("subgraphs", () => {
  test("read the values of the graphs around them, and not the other way round", () => {
    const { graph, shared, taken, otherwise } = conditional();
    expect([taken.depth, otherwise.depth, graph.depth]).toEqual([1, 1, 0]);
    expect(taken.reaches(shared)).toBe(true);
    const inner = otherwise.nodes[0]!.outputs[0]!;
    expect(graph.reaches(inner)).toBe(false);
    expect(() => relu(inner, { name: "r" })).not.toThrow();
    expect(() => graph.add({ op: "Relu", name: "r", inputs: [inner], outputs: [] })).toThrow(
      new GraphError("input of Relu 'r': 'inner' belongs to another graph ('else', not 'conditional')"),
    );
    expect(() => taken.add({ op: "Relu", name: "r", inputs: [inner], outputs: [] })).toThrow(GraphError);
  });

  test("get the nodes that read their values", () => {
    const { graph, shared, otherwise } = conditional();
    const sum = add(shared, otherwise.nodes[0]!.outputs[0]!);
    expect(sum.graph).toBe(otherwise);
    expect(ops(otherwise)).toEqual(["Relu", "Add"]);
    expect(ops(graph)).toEqual(["Sigmoid", "If"]);
  });

  test("share the opsets of the graph around them", () => {
    const { graph, taken } = conditional();
    graph.opsets.set("com.example", 1);
    expect(taken.opsets.get("com.example")).toBe(1);
  });

  test("let go of what they read when their node is taken out", () => {
    const { graph, c, shared, node } = conditional();
    graph.output(shared);
    remove(node);
    expect(shared.uses).toEqual([{ graph, node: null, index: 0 }]);
    expect(c.uses).toEqual([]);
  });

  test("let go of their own outputs only, not of the graph's at the same place", () => {
    const graph = new Graph("g");
    const x = sigmoid(graph.input("x", f32(2, 3)));
    graph.output(x);
    const puts = (g: Graph): void => g.output(x);
    const node = branch(graph, graph.input("c", tensorType("bool", [])), puts, puts);
    expect(x.uses).toHaveLength(3);
    remove(node);
    expect(x.uses).toEqual([{ graph, node: null, index: 0 }]);
  });

  test("let go of it from any depth", () => {
    const { c, shared, node, otherwise } = conditional();
    branch(
      otherwise,
      c,
      (g) => g.output(shared),
      (g) => g.output(shared),
    );
    expect(shared.uses).toHaveLength(4);
    remove(node);
    expect(shared.uses).toEqual([]);
  });
});

describe("names", () => {
  test("are unique: inputs and outputs keep theirs, the first of the others too", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(1));
    const weight = graph.constant("w", float32s([1]));
    const made = [
      relu(x, { name: "y" }),
      relu(x, { name: "y" }),
      mul(x, weight, { name: "x" }),
      relu(x, { name: "w" }),
    ];
    graph.output(relu(x, { name: "y" }));
    const names = nameAll(graph);
    const last = graph.outputs[0]!;
    expect([x, weight, ...made, last].map((v) => names.of(v))).toEqual(["x", "w", "y_1", "y_2", "x_1", "w_1", "y"]);
    expect(graph.nodes.map((n) => names.of(n))).toEqual(["y", "y_1", "x", "w", "y_2"]);
  });

  test("are those of the last time, and step over names that are there", () => {
    const build = () => {
      const graph = new Graph("g");
      const x = graph.input("x", f32(1));
      for (const name of ["a", "a_1", "a", "a", "a_1", ""])
        graph.add({ op: "Relu", name, inputs: [x], outputs: [{ name, type: f32(1) }] });
      const names = nameAll(graph);
      return graph.nodes.map((n) => names.of(n.outputs[0]!));
    };
    expect(build()).toEqual(["a", "a_1", "a_2", "a_3", "a_1_1", "_1"]);
    expect(build()).toEqual(build());
  });

  test("of 20,000 values that are called the same come at once", () => {
    const graph = new Graph("g");
    let x = graph.input("x", f32(1));
    for (let i = 0; i < 20_000; i++) x = relu(x);
    const start = cpuMs();
    const names = nameAll(graph);
    expect(cpuMs() - start).toBeLessThan(5000);
    expect(new Set(graph.nodes.map((n) => names.of(n))).size).toBe(20_000);
    expect(names.of(x)).toBe("Relu_19999");
  });

  test("within subgraphs differ from those around them, not from those beside them", () => {
    const { graph, c, shared, node } = conditional();
    const inside = (g: Graph): void => {
      const made = g.add({ op: "Relu", name: "n", inputs: [shared], outputs: [{ name: "chosen", type: f32(2, 3) }] });
      g.output(made.outputs[0]!);
    };
    const second = branch(graph, c, inside, inside);
    graph.output(node.outputs[0]!);
    graph.output(second.outputs[0]!, "second");
    const names = nameAll(graph);
    expect(names.of(node.outputs[0]!)).toBe("chosen");
    expect(subgraphs(second).map((g) => names.of(g.outputs[0]!))).toEqual(["chosen_1", "chosen_1"]);
    expect(subgraphs(second).map((g) => names.of(g.nodes[0]!))).toEqual(["n", "n"]);
    expect(check(graph)).toEqual([]);
  });
});

describe("constants", () => {
  test("are there once, read or not, until they are dropped", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2));
    const c = graph.constant("c", float32s([1, 2]));
    const sum = add(mul(x, c), c);
    expect(c.uses).toHaveLength(2);
    expect(graph.constants).toEqual([c]);
    expect(c.producer).toBeNull();
    expect(() => removeConstant(c)).toThrow(new GraphError("the constant 'c' is still read"));
    remove(maker(sum));
    expect(graph.constants).toEqual([c]);
    remove(graph.nodes[0]!);
    removeConstant(c);
    expect(graph.constants).toEqual([]);
  });

  test("that are sparse are dropped likewise", () => {
    const graph = new Graph("g");
    const sparse = { dtype: "float32", shape: [8], values: float32s([1]), indices: float32s([3]) } as const;
    const c = graph.sparseConstant("c", sparse);
    expect(show(c.type)).toBe("float32[8]");
    const y = relu(c);
    expect(() => removeConstant(c)).toThrow(GraphError);
    remove(maker(y));
    removeConstant(c);
    expect(graph.sparseConstants.size).toBe(0);
  });

  test("of one key are one parameter, wherever its scope was made", () => {
    const graph = new Graph("g");
    const scope = new Scope(graph);
    const init = { kind: "constant", value: 0 } as const;
    const a = scope.at("layer1").at(0).param("weight", [2, 3], init);
    const b = scope.at("layer1.0").param("weight", [2, 3], init);
    expect(a).toBe(b);
    expect(a.name).toBe("layer1.0.weight");
    expect(scope.parameters.map((p) => p.key)).toEqual(["layer1.0.weight"]);
    expect(graph.constants).toEqual([a]);
    expect(() => scope.at("layer1").at("0").param("weight", [3, 2], init)).toThrow(
      new GraphError("the parameter 'layer1.0.weight' is asked for as [3,2] and as [2,3]"),
    );
    expect(scope.param("weight", [1], init)).not.toBe(a);
  });

  test("name operators by the scope of what they read", () => {
    const { y } = chain();
    expect(sigmoid(y).name).toBe("y.Sigmoid");
    expect(sigmoid(sigmoid(y)).name).toBe("y.Sigmoid");
    expect(new Graph("g").input("x", f32(1)).scope).toBe("");
  });
});
