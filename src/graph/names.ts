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
  nameGraph(graph, new Map(), names);
  return { of: (thing) => names.get(thing) ?? thing.name };
}

/** The names in use, each with the last number that was put behind it. */
type Taken = Map<string, number>;

function nameGraph(graph: Graph, outer: Taken, names: Map<Value | Node, string>): void {
  const values: Taken = new Map(outer);
  const nodes: Taken = new Map();
  const name = (thing: Value | Node, taken: Taken): void => {
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

function unique(name: string, taken: Taken): string {
  let free = name;
  let last = taken.get(name) ?? 0;
  while (!free || taken.has(free)) free = `${name}_${++last}`;
  taken.set(name, last).set(free, taken.get(free) ?? 0);
  return free;
}
