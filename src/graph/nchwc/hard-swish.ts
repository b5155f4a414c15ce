import type { Node, Value } from "../graph.js";
import { match } from "../match.js";
import { hardSigmoid } from "../ops/hard-sigmoid.js";
import { mul } from "../ops/mul.js";

/** How far a float32 attribute may be from the number that it stands for. */
const ROUNDING = 1e-6;

/** The x of x * HardSigmoid(x) with slope 1/6, as a HardSwish is written before opset 14; null where the node is none. */
export function hardSwishInput(node: Node): Value | null {
  const product = match(mul, node);
  if (!product) return null;
  const { a, b } = product;
  return isRampOf(b, a) ? a : isRampOf(a, b) ? b : null;
}

function isRampOf(v: Value, x: Value): boolean {
  const found = match(hardSigmoid, v.producer);
  if (found?.x !== x || v.uses.length !== 1) return false;
  const { alpha, beta } = found.attrs;
  return Math.abs(alpha - 1 / 6) < ROUNDING && Math.abs(beta - 0.5) < ROUNDING;
}

/** Whether all that reads `x` is its HardSwish. */
export const isHardSwished = (x: Value): boolean =>
  x.uses.length === 2 && x.uses.some(({ node }) => node !== null && hardSwishInput(node) === x);
