import { GraphError } from "../src/graph/graph.js";

/**
 * The multiple of `divisor` nearest to `v`, at least one, and never below `least` of v: how the mobile networks and timm round channels
 * (Sandler et al. 2018, https://arxiv.org/abs/1801.04381).
 */
export function makeDivisible(v: number, divisor = 8, least = 0.9): number {
  const nearest = Math.max(divisor, Math.floor((v + divisor / 2) / divisor) * divisor);
  return nearest < least * v ? nearest + divisor : nearest;
}

/** timm's rounding of hidden units: the multiple of `divisor` nearest, and at least one. */
export function toMultipleOf(divisor: number): (units: number) => number {
  if (!Number.isInteger(divisor) || divisor < 1)
    throw new GraphError(`rd-divisor must be a whole number from 1 up, but is ${divisor}`);
  return (units) => makeDivisible(units, divisor, 0);
}
