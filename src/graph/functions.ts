import type { Attribute } from "./attribute.js";
import { nodesWithin, rootOf } from "./bodies.js";
import type { Graph, Node } from "./graph.js";
import type { GraphFunction } from "./model.js";

/** The functions of the model that a call may mean: more than one where they are told apart by more than their names. */
export const functionsOf = (
  { graph, op, domain }: Node,
  { functions }: Graph = rootOf(graph),
): readonly GraphFunction[] => functions.filter((f) => f.name === op && f.domain === domain);

/** Nodes that a function comes to once the calls in it are put in their places, too; infinite where it calls itself. */
export function sizeOf(f: GraphFunction, model: Graph, sizes = new Map<GraphFunction, number>()): number {
  const known = sizes.get(f);
  if (known !== undefined) return known;
  sizes.set(f, Number.POSITIVE_INFINITY); // while it is looked into
  const size = nodesWithin(f.body).reduce((sum, node) => {
    const [called] = functionsOf(node, model);
    return sum + (called ? sizeOf(called, model, sizes) : 1);
  }, 1);
  sizes.set(f, size);
  return size;
}

/** The caller's attributes that a function reads, by name. */
export const referencesOf = ({ body }: GraphFunction): readonly string[] =>
  nodesWithin(body)
    .flatMap((node): readonly Attribute[] => Object.values(node.attributes))
    .flatMap((a) => (a.kind === "reference" ? [a.to] : []));
