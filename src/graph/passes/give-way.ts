import type { Graph, Value } from "../graph.js";

/** Why `output`, made by a node of `graph`, cannot give way to `to`, which holds the same; null where it can. Only a node's output can take an output's name. */
export function cannotGiveWay(graph: Graph, output: Value, to: Value): string | null {
  if (output.uses.every((u) => u.node)) return null;
  if (to.graph !== graph) return `the output '${output.name}' would be a value of the outer graph`;
  if (!to.producer) return `'${to.name}' and the output '${output.name}' are both names that callers know`;
  return to.uses.some((u) => !u.node) ? `'${to.name}' is an output too` : null;
}
