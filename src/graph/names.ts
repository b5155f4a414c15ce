import { type Graph, type Node, subgraphs, type Value } from "./graph.js";

/** The final name of every node and value of a graph and of the graphs inside it. */
export interface Names {
  of(thing: Value | Node): string;
}

/**
 * Names as a file needs them: values unique within what a graph can see, nodes unique within their graph. Inputs and outputs come first,
 * then in execution order; the first keeps its name, later ones get _1, _2.
 */
export function nameAll(graph: Graph): Names {
  const names = new Map<Value | Node, string>();
  nameGraph(graph, new Set(), names);
  return { of: (thing) => names.get(thing) ?? thing.name };
}

function nameGraph(graph: Graph, outer: ReadonlySet<string>, names: Map<Value | Node, string>): void {
  const values = new Set(outer);
  const nodes = new Set<string>();
  const name = (thing: Value | Node, taken: Set<string>): void => {
    if (!names.has(thing)) names.set(thing, unique(thing.name, taken));
  };
  for (const v of [...graph.inputs, ...graph.outputs, ...graph.constants, ...graph.sparseConstants.keys()])
    name(v, values);
  for (const node of graph.nodes) {
    if (node.name) name(node, nodes);
    for (const v of node.outputs) name(v, values);
  }
  for (const node of graph.nodes) for (const inner of subgraphs(node)) nameGraph(inner, values, names);
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 1; !free || taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}
