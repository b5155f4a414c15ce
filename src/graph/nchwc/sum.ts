import type { Value } from "../graph.js";
import { match } from "../match.js";
import { add } from "../ops/add.js";
import { blockedType, call, sameShape } from "./call.js";
import { emit } from "./convolution.js";
import { blocked, type Layout, type Rule } from "./layout.js";

/** A sum of two maps goes into the convolution that makes one of them. */
export const sum: Rule = (node, output, layout) => {
  const found = match(add, node);
  const sides = found ? [found.a, found.b] : [];
  if (sides.some((v) => !sameShape(v, output)) || !sides.some((v) => layout.maps.has(v))) return false;
  const [a, b] = sides.map((v) => blocked(v, layout));
  if (!a || !b) return false;
  const [into] = sides.filter((v) => canTakeSum(v, layout)).sort((p, q) => rank(q, layout) - rank(p, layout));
  const open = into && layout.open.get(into);
  if (open) emit(output, layout, { ...open, sum: into === sides[0] ? b : a });
  else layout.maps.set(output, call(output.graph, "Add", node.name, [a, b], blockedType(output), {}, ""));
  return true;
};

function canTakeSum(v: Value, { open }: Layout): boolean {
  const c = open.get(v);
  return c !== undefined && !c.sum;
}
/** One that a gate has part in takes the sum rather than one with weights of its own, and a later one rather than an earlier. */
function rank(v: Value, { open }: Layout): number {
  return [...open.keys()].indexOf(v) + (open.get(v)?.kernel ? 0 : open.size);
}
