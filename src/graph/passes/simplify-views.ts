import { insertBefore, remove, replace } from "../edit.js";
import type { Graph, Node, Value } from "../graph.js";
import { type InferReport, inferShapes, sureType } from "../infer-shapes.js";
import { reshape } from "../ops/reshape.js";
import type { Pass, Skip } from "../pass.js";
import { int64s } from "../tensor.js";
import { isRanked, type Shape, show } from "../type.js";
import { cannotGiveWay } from "./give-way.js";

const VIEWS = /* @__PURE__ */ new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/**
 * Of several Reshape, Flatten, Squeeze and Unsqueeze in a row makes one Reshape, or none where the shape is as before; a Reshape whose shape is
 * computed at run time gets a constant one where the types tell it: [0,-1] in place of Shape, Gather and Concat.
 */
export const simplifyViews: Pass = {
  name: "simplify-views",
  run(graph) {
    const { types } = inferShapes(graph);
    let applied = 0;
    const skipped: Skip[] = [];
    for (const node of graph.nodes) {
      if (!isView(node)) continue;
      const answer = simplified(graph, node, types);
      if (typeof answer === "string") skipped.push({ node: node.name, reason: answer });
      else if (answer) {
        replace(node.outputs[0] as Value, answer); // isView has looked
        remove(node);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

const isView = (node: Node | null | undefined): node is Node =>
  node ? VIEWS.has(node.op) && node.domain === "" && node.outputs.length === 1 && Boolean(node.inputs[0]) : false;

/** What stands in for the view's output; a reason why nothing does; null where it is as simple as can be. */
function simplified(graph: Graph, node: Node, types: InferReport["types"]): Value | string | null {
  const [source, shape] = node.inputs;
  const [output] = node.outputs;
  if (!source || !output) return null;
  if (source.graph !== graph) return null;
  const origin = behindViews(source);
  const [from, to] = [sureType(types, origin), sureType(types, output)];
  const chained = origin !== source;
  const computed = node.op === "Reshape" && !shape?.constant;
  if (!isRanked(from) || !isRanked(to))
    return chained || computed ? `'${output.name}' is ${show(to)}: its shape is not known` : null;
  if (same(from.shape, to.shape)) return cannotGiveWay(graph, output, origin) ?? origin;
  if (!chained && !computed) return null;
  const target = targetOf(from.shape, to.shape);
  if (!target) return `'${output.name}' is ${show(to)}: more than one length is known only at run time`;
  if ((graph.opsets.get("") ?? 1) < reshape.def.since) return `Reshape needs opset ${reshape.def.since}`;
  return insertBefore(node, () =>
    reshape(origin, graph.constant(`${output.name}.shape`, int64s(target)), { name: node.name || output.name }),
  );
}

/** What the views before `value` are of. */
function behindViews(value: Value): Value {
  let v = value;
  while (isView(v.producer) && v.producer.graph === value.graph) v = v.producer.inputs[0] ?? v; // isView has looked
  return v;
}

/** True where both are known to be equal whatever the run brings. */
const same = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d !== null && d === b[i]);

/** Reshape's words for a shape: 0 keeps a length, one -1 takes what is left; null where these do not do. */
function targetOf(from: Shape, to: Shape): readonly number[] | null {
  if (to.includes(0) || from.includes(0)) return null;
  const target = to.map((d, i) => (typeof d === "number" ? d : d !== null && d === from[i] ? 0 : -1));
  return target.filter((d) => d === -1).length > 1 ? null : target;
}
