import type { Node, Value } from "./graph.js";
import { match } from "./match.js";
import { add } from "./ops/add.js";
import { conv } from "./ops/conv.js";
import { isRanked } from "./type.js";

/** A map and the shortcut of its residual block, added: both of one shape. */
export interface ResidualSum {
  readonly node: Node;
  readonly output: Value;
  readonly shortcut: Value;
}

/** The sum that alone reads `map`; a reason where there is none. */
export function residualSum(map: Value): ResidualSum | string {
  const [use, ...others] = map.uses;
  const sum = match(add, use?.node);
  if (others.length || !sum || use?.graph !== map.graph) return "what reads it is no sum with another map";
  const shortcut = sum.a === map ? sum.b : sum.a;
  if (shortcut === map || !isSameShape(shortcut, map)) return "it is added to something of another shape";
  return { node: sum.node, output: sum.output, shortcut };
}

/** Whether a convolution makes the shortcut and nothing else: ONNX Runtime then adds the other map within it. */
export function shortcutTakesSum({ shortcut }: ResidualSum): boolean {
  return shortcut.uses.length === 1 && match(conv, shortcut.producer)?.b != null;
}

/** Unknown lengths are the same where they have the same name. */
function isSameShape({ type: a }: Value, { type: b }: Value): boolean {
  const named = isRanked(a) && !a.shape.includes(null);
  return named && isRanked(b) && a.shape.join() === b.shape.join();
}
