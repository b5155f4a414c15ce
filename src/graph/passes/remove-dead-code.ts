import { remove, removeConstant } from "../edit.js";
import type { Pass } from "../pass.js";

/** Takes out every node of the graph that no output needs, and every constant that nothing reads. */
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
    return { applied, skipped: [] };
  },
};
