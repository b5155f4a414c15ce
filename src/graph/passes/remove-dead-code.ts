import { nodesWithin } from "../bodies.js";
import { remove, removeConstant } from "../edit.js";
import { functionsOf } from "../functions.js";
import type { Graph } from "../graph.js";
import type { GraphFunction } from "../model.js";
import type { Pass } from "../pass.js";

/** Takes out every node of the graph that no output needs, every constant that nothing reads, and every function that nothing calls. */
export const removeDeadCode: Pass = {
  name: "remove-dead-code",
  run(graph) {
    let applied = 0;
    for (const node of graph.nodes.toReversed()) {
      if (node.outputs.some((o) => o.uses.length)) continue;
      remove(node);
      applied++;
    }
    for (const c of [...graph.constants, ...graph.sparseConstants.keys()]) if (!c.uses.length) removeConstant(c);
    return { applied: applied + removeUncalled(graph), skipped: [] };
  },
};

/** Functions that only others call go with those. */
function removeUncalled(graph: Graph): number {
  const { functions } = graph;
  if (!functions.length) return 0;
  const called = new Set<GraphFunction>();
  const visit = (within: Graph): void => {
    for (const f of nodesWithin(within).flatMap((node) => functionsOf(node, graph))) {
      if (called.has(f)) continue;
      called.add(f);
      visit(f.body);
    }
  };
  visit(graph);
  const kept = functions.filter((f) => called.has(f));
  const removed = functions.length - kept.length;
  functions.splice(0, functions.length, ...kept);
  return removed;
}
