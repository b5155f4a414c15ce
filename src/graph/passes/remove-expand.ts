import { insertBefore, remove, replace } from "../edit.js";
import type { Graph, Node, Value } from "../graph.js";
import { type InferReport, inferShapes, sureType } from "../infer-shapes.js";
import type { Pass, Skip } from "../pass.js";
import { isRanked, show } from "../type.js";

/** Operators on two inputs that broadcast since opset 7. */
const BROADCASTING = /* @__PURE__ */ new Set(["Add", "Sub", "Mul", "Div", "Pow"]);

/**
 * Takes Expand from before an operator that broadcasts anyway, where the other input has the shape that is expanded to: PyTorch's
 * `x * y.expand_as(x)` writes SE's gate as a whole map.
 */
export const removeExpand: Pass = {
  name: "remove-expand",
  run(graph) {
    const { types } = inferShapes(graph);
    let applied = 0;
    const skipped: Skip[] = [];
    for (const node of graph.nodes) {
      const expanded = BROADCASTING.has(node.op) && !node.domain && node.inputs.findIndex((v) => isExpand(v?.producer));
      if (typeof expanded !== "number" || expanded < 0 || node.inputs.length !== 2) continue;
      const reason = whyNot(graph, node, expanded, types);
      if (reason) skipped.push({ node: node.name, reason });
      else {
        const inputs = node.inputs.map((v, i) => (i === expanded ? (v?.producer?.inputs[0] ?? null) : v));
        const made = insertBefore(node, () => graph.add({ ...node, inputs }));
        const [from, to] = [node.outputs[0] as Value, made.outputs[0] as Value]; // one each
        types.set(to, types.get(from) ?? null);
        replace(from, to);
        remove(node);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

const isExpand = (node: Node | null | undefined): boolean => node?.op === "Expand" && node.domain === "";

function whyNot(graph: Graph, node: Node, expanded: number, types: InferReport["types"]): string | null {
  const [whole, other] = [node.inputs[expanded], node.inputs[1 - expanded]];
  if (!whole || !other || (graph.opsets.get("") ?? 1) < 7) return "it broadcasts since opset 7";
  if (whole.graph !== graph) return `'${whole.name}' is made outside this body`;
  const [to, beside] = [sureType(types, whole), sureType(types, other)];
  return isRanked(to) && to.shape.every((d) => d !== null) && show(to) === show(beside)
    ? null
    : `'${whole.name}' is ${show(to)} and '${other.name}' ${show(beside)}: not known to be of one shape`;
}
