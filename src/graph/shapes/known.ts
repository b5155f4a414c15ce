import { fromHalf } from "../cast.js";
import type { DType } from "../dtype.js";
import type { Tensor } from "../tensor.js";
import type { Dim } from "../type.js";

/**
 * What is known before anything runs of a tensor of few numbers, as shape arithmetic makes them: a number, the name of a length ("N": the number
 * is that length), or null.
 */
export interface Known {
  readonly dtype: DType;
  /** [] or [n]. */
  readonly shape: readonly number[];
  readonly elements: readonly Dim[];
}
/** Longer vectors are weights, not shapes. */
const MOST = 1024;

export const vector = (dtype: DType, elements: readonly Dim[]): Known => ({
  dtype,
  shape: [elements.length],
  elements,
});
export const scalar = (dtype: DType, element: Dim): Known => ({ dtype, shape: [], elements: [element] });

/** Reads one little-endian element. */
const READ: Readonly<Partial<Record<DType, readonly [bytes: number, read: (view: DataView, at: number) => number]>>> = {
  int64: [8, (v, at) => saturated(v.getBigInt64(at, true))],
  int32: [4, (v, at) => v.getInt32(at, true)],
  uint8: [1, (v, at) => v.getUint8(at)],
  int8: [1, (v, at) => v.getInt8(at)],
  bool: [1, (v, at) => v.getUint8(at)],
  float32: [4, (v, at) => v.getFloat32(at, true)],
  float64: [8, (v, at) => v.getFloat64(at, true)],
  float16: [2, (v, at) => fromHalf(v.getUint16(at, true))],
};
/** A number that is exact, or infinity: exporters write the end of a Slice as 2^63 - 1. */
function saturated(n: bigint): number {
  const number = Number(n);
  return Number.isSafeInteger(number) ? number : number * Number.POSITIVE_INFINITY;
}

/** The numbers of a constant of one axis at most; null where they are many, or not at hand. */
export function knownConstant(t: Tensor): Known | null {
  const kind = READ[t.dtype];
  if (!kind || !t.data || t.shape.length > 1 || (t.shape[0] ?? 1) > MOST) return null;
  const [size, read] = kind;
  const view = new DataView(t.data.buffer, t.data.byteOffset, t.data.byteLength);
  const elements = Array.from({ length: t.byteLength / size }, (_, i) => read(view, i * size));
  return { dtype: t.dtype, shape: t.shape, elements };
}

/** As `k`, where no element is more than a number may be and still be exact. */
export function bounded(k: Known): Known | null {
  if (k.elements.length > MOST) return null;
  const elements = k.elements.map((e) =>
    typeof e === "number" && !(Math.abs(e) <= Number.MAX_SAFE_INTEGER) ? null : e,
  );
  return { ...k, elements };
}
