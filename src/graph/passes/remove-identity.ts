import { remove, replace } from "../edit.js";
import type { Graph, Value } from "../graph.js";
import { match } from "../match.js";
import { dropout } from "../ops/dropout.js";
import { identity } from "../ops/identity.js";
import type { Pass, Skip } from "../pass.js";

/** Takes out nodes that hand on their input: Identity, and Dropout in inference. */
export const removeIdentity: Pass = {
  name: "remove-identity",
  run(graph) {
    let applied = 0;
    const skipped: Skip[] = [];
    for (const node of graph.nodes) {
      const found = match(identity, node) ?? match(dropout, node);
      if (!found) continue;
      const reason = whyNot(graph, found.x, found.output);
      if (reason) {
        skipped.push({ node: node.name, reason });
        continue;
      }
      replace(found.output, found.x);
      remove(node);
      applied++;
    }
    return { applied, skipped };
  },
};

/** An output of the graph needs a node of its own to carry its name where its source has a public name already. */
function whyNot(graph: Graph, x: Value, output: Value): string | null {
  if (output.uses.every((u) => u.node)) return null;
  if (x.graph !== graph) return `the output '${output.name}' would be a value of the outer graph`;
  if (!x.producer) return `'${x.name}' and the output '${output.name}' are both names that callers know`;
  return x.uses.some((u) => !u.node) ? `'${x.name}' is an output too` : null;
}
