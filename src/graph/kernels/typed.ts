import type { DType } from "../dtype.js";
import { type Tensor, tensor } from "../tensor.js";
import type { ConcreteType } from "../type.js";

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array;
/** Element types that kernels compute with; int64 is read as numbers, as long as each is one exactly. */
const ARRAYS: Readonly<Partial<Record<DType, (bytes: ArrayBuffer) => Numbers>>> = {
  float32: (b) => new Float32Array(b),
  float64: (b) => new Float64Array(b),
  int32: (b) => new Int32Array(b),
  uint8: (b) => new Uint8Array(b),
  int8: (b) => new Int8Array(b),
  bool: (b) => new Uint8Array(b),
};

/** The numbers of a tensor at hand; null for other element types, and for integers beyond 2^53. */
export function numbersOf(t: Tensor): readonly number[] | null {
  if (!t.data) return null;
  const copy = t.data.slice().buffer;
  const values = t.dtype === "int64" ? Array.from(new BigInt64Array(copy), Number) : ARRAYS[t.dtype]?.(copy);
  if (!values) return null;
  const exact = t.dtype !== "int64" || values.every(Number.isSafeInteger);
  return exact ? Array.from(values) : null;
}

/** Numbers as a tensor; null where the element type does not hold each of them exactly, floats aside, which are rounded. */
export function tensorOf({ dtype, shape }: ConcreteType, values: readonly number[]): Tensor | null {
  if (dtype === "int64") {
    if (!values.every(Number.isSafeInteger)) return null;
    return tensor(dtype, shape, bytesOf(BigInt64Array.from(values, BigInt)));
  }
  const array = ARRAYS[dtype]?.(new ArrayBuffer(values.length * bytesPer(dtype)));
  if (!array) return null;
  array.set(values);
  const whole =
    array instanceof Float32Array || array instanceof Float64Array || values.every((v, i) => array[i] === v);
  return whole ? tensor(dtype, shape, bytesOf(array)) : null;
}
const bytesPer = (dtype: DType): number => (dtype === "float64" ? 8 : dtype === "float32" || dtype === "int32" ? 4 : 1);
const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers | BigInt64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
