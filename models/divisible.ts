/**
 * The multiple of `divisor` nearest to `v`, at least one, and never below `least` of v: how the mobile networks and timm round channels
 * (Sandler et al. 2018, https://arxiv.org/abs/1801.04381; timm's SE takes any multiple, so `least` is 0 there).
 */
export function makeDivisible(v: number, divisor = 8, least = 0.9): number {
  const nearest = Math.max(divisor, Math.floor((v + divisor / 2) / divisor) * divisor);
  return nearest < least * v ? nearest + divisor : nearest;
}
