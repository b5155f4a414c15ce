import { nodesWithin, withBodies } from "./bodies.js";
import { FLOATS } from "./dtype.js";
import type { Graph } from "./graph.js";
import { elements } from "./type.js";

/** Floating point elements of all constants, those of bodies included, less the running statistics of BatchNormalization. */
export function countParameters(graph: Graph): number {
  const nodes = nodesWithin(graph);
  const statistics = new Set(nodes.flatMap((n) => (n.op === "BatchNormalization" ? n.inputs.slice(3) : [])));
  return withBodies(graph)
    .flatMap((g) => g.constants)
    .reduce(
      (n, c) =>
        c.constant && FLOATS.includes(c.constant.dtype) && !statistics.has(c) ? n + elements(c.constant.shape) : n,
      0,
    );
}

/** How many nodes there are of each operator, those in bodies included, by its name, which for another domain than ONNX's own is "domain.name". */
export function countOps(graph: Graph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { op, domain } of nodesWithin(graph)) {
    const name = domain ? `${domain}.${op}` : op;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
