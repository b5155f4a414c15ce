import type { Value } from "./graph.js";
import { isRanked } from "./type.js";

/** A product of a map [N,C,H,W] and a gate [N,C,1,1]. */
export interface GatedMap {
  readonly x: Value;
  readonly gate: Value;
}

/** Which factor of a product is the gate; null where none is, or both. */
export function gatedMap(a: Value, b: Value): GatedMap | null {
  if (isGate(a) === isGate(b)) return null;
  return isGate(b) ? { x: a, gate: b } : { x: b, gate: a };
}

const isGate = ({ type }: Value): boolean => {
  const [, , ...size] = isRanked(type) ? type.shape : [];
  return size.length === 2 && size.every((d) => d === 1);
};

/** The lengths of `value`, none where one of them is not a known number. */
export const shapeOf = ({ type }: Value): readonly number[] => {
  const shape = isRanked(type) ? type.shape : [];
  return shape.every((d) => typeof d === "number") ? shape : [];
};
