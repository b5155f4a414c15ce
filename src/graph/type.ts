import type { DType } from "./dtype.js";

/** A length; the name of a length known only at run time ("N"); or null where it is not known at all. */
export type Dim = number | string | null;
export type Shape = readonly Dim[];

/** Element type and shape; a null shape means that not even the rank is known. */
export interface TensorType<S extends Shape | null = Shape | null> {
  readonly kind: "tensor";
  readonly dtype: DType;
  readonly shape: S;
}
export interface SparseType {
  readonly kind: "sparse";
  readonly dtype: DType;
  readonly shape: Shape | null;
}
export interface SequenceType {
  readonly kind: "sequence";
  readonly element: Type | null;
}
export interface OptionalType {
  readonly kind: "optional";
  readonly element: Type | null;
}
export interface MapType {
  readonly kind: "map";
  readonly key: DType;
  readonly value: Type | null;
}
/** A type this toolkit has no words for, kept as the file spells it. */
export interface OpaqueType {
  readonly kind: "opaque";
  readonly bytes: Uint8Array;
}
/** Every type an ONNX value can have (onnx.proto, TypeProto). */
export type Type = TensorType | SparseType | SequenceType | OptionalType | MapType | OpaqueType;

/** A tensor whose shape is all numbers, as every constant's is. */
export type ConcreteType = TensorType<readonly number[]>;
/** A tensor of known rank. */
export type RankedType = TensorType<Shape>;

export const tensorType = <S extends Shape | null>(dtype: DType, shape: S): TensorType<S> => ({
  kind: "tensor",
  dtype,
  shape,
});
export const f32 = <S extends Shape>(...shape: S): TensorType<S> => tensorType("float32", shape);

export const isRanked = (type: Type | null): type is RankedType => type?.kind === "tensor" && type.shape !== null;

/** Number of axes, or null where it is not known. */
export const rank = (type: Type | null | undefined): number | null =>
  type && isRanked(type) ? type.shape.length : null;

/** "float32[N,64,56,56]"; an unknown length prints as "?". */
export function show(type: Type | null): string {
  if (!type) return "unknown";
  switch (type.kind) {
    case "tensor":
      return `${type.dtype}${showShape(type.shape)}`;
    case "sparse":
      return `sparse ${type.dtype}${showShape(type.shape)}`;
    case "map":
      return `map(${type.key}, ${show(type.value)})`;
    case "opaque":
      return "opaque";
    default:
      return `${type.kind}(${show(type.element)})`;
  }
}
export const showShape = (shape: Shape | null): string =>
  shape ? `[${shape.map((d) => d ?? "?").join(",")}]` : "[...]";

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** What two compatible types of one value say together: a's word, and b's where a has none. */
export function merge(a: Type | null, b: Type | null): Type | null {
  if (a?.kind !== "tensor" || b?.kind !== "tensor") return a ?? b;
  const [p, q] = [a.shape, b.shape];
  return p && q
    ? tensorType(
        a.dtype,
        p.map((d, i) => d ?? q[i] ?? null),
      )
    : p
      ? a
      : b;
}

/** False only where the two are known to differ: an unknown or symbolic length agrees with anything. */
export function compatible(a: Type | null, b: Type | null): boolean {
  if (a?.kind !== "tensor" || b?.kind !== "tensor") return !a || !b || show(a) === show(b);
  if (a.dtype !== b.dtype) return false;
  const [p, q] = [a.shape, b.shape];
  if (!p || !q) return true;
  return p.length === q.length && p.every((d, i) => typeof d !== "number" || typeof q[i] !== "number" || d === q[i]);
}
