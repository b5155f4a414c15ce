import type { Attributes } from "../../src/graph/attribute.js";
import { Graph, type Node, type Value } from "../../src/graph/graph.js";

type Copies = Map<Value, Value>;

function addTo(into: Graph, nodes: readonly Node[], copies: Copies): void {
  for (const node of nodes) {
    const made = into.add({ ...node, inputs: node.inputs.map((v) => v && copies.get(v)!) });
    for (const [i, o] of node.outputs.entries()) copies.set(o, made.outputs[i]!);
  }
}
const addConstants = (into: Graph, { constants }: Graph, copies: Copies): void => {
  for (const c of constants) copies.set(c, into.constant(c.name, c.constant!, c.kept));
};

/** `graph` with all but its first nodes in both bodies of an If, which read what those make, and the inputs, from around them; with `before`, constants too. */
export function inIf(graph: Graph, before = 0): Graph {
  const outer = new Graph("outer", { opset: graph.opsets.get("")! });
  const copies: Copies = new Map(graph.inputs.map((v) => [v, outer.input(v.name, v.type)]));
  const condition = outer.input("condition", { kind: "tensor", dtype: "bool", shape: [] });
  if (before) addConstants(outer, graph, copies);
  addTo(outer, graph.nodes.slice(0, before), copies);
  const chosen = graph.outputs.filter((v) => !copies.has(v));
  const body = (name: string): Graph => {
    const inner = new Graph(name, { parent: outer });
    const known: Copies = new Map(copies);
    if (!before) addConstants(inner, graph, known);
    addTo(inner, graph.nodes.slice(before), known);
    for (const v of chosen) inner.output(known.get(v)!);
    return inner;
  };
  const attributes: Attributes = {
    then_branch: { kind: "graph", value: body("then") },
    else_branch: { kind: "graph", value: body("else") },
  };
  const outputs = chosen.map((v) => ({ name: v.name, type: v.type }));
  const either = outer.add({ op: "If", name: "either", inputs: [condition], outputs, attributes });
  for (const v of graph.outputs) outer.output(copies.get(v) ?? either.outputs[chosen.indexOf(v)]!);
  return outer;
}

/** `graph` as a function, called twice; its weights are given to it, as exporters of modules do, or its own. */
export function inFunction(graph: Graph, weights: "given" | "own"): Graph {
  const opset = graph.opsets.get("")!;
  const outer = new Graph("outer", { opset });
  outer.opsets.set("modules", 1);
  const body = new Graph("Block", { opset });
  const inputs = graph.inputs.map((v) => outer.input(v.name, v.type));
  const copies: Copies = new Map(graph.inputs.map((v) => [v, body.input(v.name, null)]));
  const given = weights === "given" ? graph.constants : [];
  for (const c of given) copies.set(c, body.input(c.name, null));
  if (weights === "own") addConstants(body, graph, copies);
  addTo(body, graph.nodes, copies);
  for (const v of graph.outputs) body.output(copies.get(v)!);
  outer.functions.push({ domain: "modules", name: "Block", body, kept: [] });
  const all = [...inputs, ...given.map((c) => outer.constant(c.name, c.constant!))];
  for (const name of ["first", "second"]) {
    const outputs = graph.outputs.map((v) => ({ name: `${v.name} of the ${name}`, type: null }));
    const call = outer.add({ op: "Block", domain: "modules", name, inputs: all, outputs });
    for (const v of call.outputs) outer.output(v);
  }
  return outer;
}
