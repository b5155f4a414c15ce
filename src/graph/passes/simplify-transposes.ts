import { inferShapes } from "../infer-shapes.js";
import { match } from "../match.js";
import { transpose } from "../ops/transpose.js";
import { type Pass, rewrite } from "../pass.js";
import { isRanked } from "../type.js";
import { cannotGiveWay } from "./give-way.js";

const onTyped = /* @__PURE__ */ rewrite("simplify-transposes", transpose, ({ x, attrs, node, output }) => {
  const before = match(transpose, x.producer);
  const rank = isRanked(x.type) ? x.type.shape.length : attrs.perm?.length;
  if (rank === undefined) return before ? `the rank of '${x.name}' is not known` : null;
  const turned = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const inner = before ? (before.attrs.perm ?? turned) : turned.toReversed();
  const perm = (attrs.perm ?? turned).map((axis) => inner[axis] ?? 0);
  const source = before?.x ?? x;
  if (before && source.graph !== node.graph) return `'${source.name}' is a value of the outer graph`;
  if (perm.every((axis, i) => axis === i)) return cannotGiveWay(node.graph, output, source) ?? source;
  return before ? transpose(source, { perm, name: node.name }) : null;
});

/** Of two Transpose in a row makes one, or none where the axes come out in their old order. */
export const simplifyTransposes: Pass = {
  name: onTyped.name,
  run(graph) {
    inferShapes(graph);
    return onTyped.run(graph);
  },
};
