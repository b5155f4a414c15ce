import type { Node } from "../graph.js";
import { isRanked, type RankedType, type Shape, type TensorType, type Type, tensorType } from "../type.js";
import type { Known } from "./known.js";

/** A node as shape rules see it: older spellings and what is known of its inputs behind the same questions. */
export interface Call {
  readonly node: Node;
  readonly opset: number;
  /** What is known of an input's numbers: targets of Reshape and the like. */
  known(i: number): Known | null;
}
/** The types of a node's outputs, as far as they are known; a rule throws where the inputs do not fit. */
export type Rule = (call: Call) => readonly (Type | null)[];

export function typeAt({ node }: Call, i: number): TensorType | null {
  const type = node.inputs[i]?.type;
  return type?.kind === "tensor" ? type : null;
}
export function rankedAt(call: Call, i: number): RankedType | null {
  const type = typeAt(call, i);
  return isRanked(type) ? type : null;
}
/** Whether input `i` is given. */
export const given = ({ node }: Call, i: number): boolean => Boolean(node.inputs[i]);

export function intOf({ node }: Call, name: string): number | null {
  const a = node.attributes[name];
  return a?.kind === "int" && typeof a.value === "number" ? a.value : null;
}
export function intsOf({ node }: Call, name: string): readonly number[] | null {
  const a = node.attributes[name];
  return a?.kind === "ints" ? a.value.map(Number) : null;
}
export function textOf({ node }: Call, name: string): string | null {
  const a = node.attributes[name];
  return a?.kind === "string" && typeof a.value === "string" ? a.value : null;
}

/** The numbers that an attribute gave to this operator once, and that an input gives it since: null where they are not known. */
export function intsFrom(call: Call, attribute: string, input: number): readonly number[] | null {
  const own = intsOf(call, attribute);
  if (own) return own;
  const elements = call.known(input)?.elements;
  return elements?.every((e) => typeof e === "number") ? (elements as readonly number[]) : null; // just looked at
}

/** Places of `axes`, those from the end counted from the start; throws where one is not there. */
export function placesOf(axes: readonly number[], rank: number): readonly number[] {
  return axes.map((axis) => {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
      throw new Error(`axis ${axis} is not among ${rank} axes`);
    return axis < 0 ? axis + rank : axis;
  });
}
export const placeOf = (axis: number, rank: number): number => placesOf([axis], rank)[0] as number; // one for one

/** The first input's element type in another shape; null where that type is not known. */
export function like(call: Call, shape: Shape | null, input = 0): TensorType | null {
  const type = typeAt(call, input);
  return type && tensorType(type.dtype, shape);
}
/** A shape of which only the rank is known. */
export const unknown = (rank: number): Shape => Array<null>(rank).fill(null);

/** The elements of input `i` as lengths; where only their number is known, so many that are not. */
export function target(call: Call, i: number): Shape | null {
  const known = call.known(i);
  if (known) return known.elements;
  const length = rankedAt(call, i)?.shape[0];
  return typeof length === "number" ? unknown(length) : null;
}
export const one = (call: Call, shape: Shape | null): readonly (TensorType | null)[] => [like(call, shape)];
