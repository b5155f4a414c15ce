import { UserError } from "../graph/error.js";
import { elements, isRanked, type RankedType, show, type Type } from "../graph/type.js";
import type { HostArray, HostTensor } from "./session.js";

/** Numbers for one input, from a seed: about standard normal for floats, 0 and 1 for integers and truth values. */
export function randomTensor(dtype: HostTensor["dtype"], shape: readonly number[], seed: number): HostTensor {
  const make = MAKERS[dtype];
  if (!make) throw new UserError(`numbers of ${dtype} cannot be made up: give them as a file`);
  const next = normal(seed);
  return { dtype, shape, data: make(elements(shape), next) };
}

/** Lengths by name; the same name is the same length. What has no name is `otherwise`. */
export interface Lengths {
  readonly byName: ReadonlyMap<string, number>;
  readonly otherwise: number;
}

/** The shape of an input with a number for every length; throws a UserError where its rank is not known. */
export function shapeFor(name: string, type: Type | null, { byName, otherwise }: Lengths): readonly number[] {
  return rankedOf(name, type).shape.map((d) =>
    typeof d === "number" ? d : ((d === null ? null : byName.get(d)) ?? otherwise),
  );
}
export function rankedOf(name: string, type: Type | null): RankedType {
  if (!isRanked(type)) throw new UserError(`the input '${name}' is ${show(type)}: give it as a file`);
  return type;
}

type Maker = (length: number, next: () => number) => HostArray;
const MAKERS: Readonly<Partial<Record<HostTensor["dtype"], Maker>>> = {
  float32: (length, next) => Float32Array.from({ length }, next),
  float64: (length, next) => Float64Array.from({ length }, next),
  float16: (length, next) => Uint16Array.from({ length }, () => (next() > 0 ? HALF_ONE : HALF_MINUS)),
  int64: (length, next) => BigInt64Array.from({ length }, () => (next() > 0 ? 1n : 0n)),
  int32: (length, next) => Int32Array.from({ length }, () => Number(next() > 0)),
  uint8: (length, next) => Uint8Array.from({ length }, () => Math.abs(Math.round(next() * 40)) & 255),
  bool: (length, next) => Uint8Array.from({ length }, () => Number(next() > 0)),
};
/** 1 and -1 as float16. */
const HALF_ONE = 0x3c00;
const HALF_MINUS = 0xbc00;

/** The sum of 12 uniform numbers less 6, from a linear congruential generator. */
function normal(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  };
}
