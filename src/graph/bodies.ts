import { type Graph, type Node, subgraphs, type Value } from "./graph.js";

/** `graph` and the bodies of If, Loop and Scan in it, at any depth. */
export function withBodies(graph: Graph): readonly Graph[] {
  return [graph, ...graph.nodes.flatMap((node) => subgraphs(node).flatMap(withBodies))];
}

/** Every node of a graph and of the bodies in it. */
export const nodesWithin = (graph: Graph): readonly Node[] => withBodies(graph).flatMap((g) => g.nodes);

/** What the bodies of `node` read of the graph around them. */
export function captures(node: Node): readonly Value[] {
  const read = subgraphs(node)
    .flatMap(withBodies)
    .flatMap((body) => [...body.nodes.flatMap((n) => n.inputs), ...body.outputs]);
  return read.filter((v): v is Value => v?.graph === node.graph);
}

/** The main graph that a body is in, or the graph of a function. */
export function rootOf(graph: Graph): Graph {
  return graph.parent ? rootOf(graph.parent) : graph;
}
