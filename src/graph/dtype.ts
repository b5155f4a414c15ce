/**
 * Bits of one element of every ONNX element type, in the order of their numbers from 1 up (onnx.proto, TensorProto.DataType); null where elements
 * differ in size.
 */
export const BITS = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  string: null,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
} as const;

/** An ONNX element type, by its lower-case name. */
export type DType = keyof typeof BITS;

export const DTYPES: readonly DType[] = /* @__PURE__ */ Object.keys(BITS) as DType[]; // its keys are the element types

/** The number of an element type in files and in Cast's `to`: 1 for float32, 10 for float16. */
export const dataType = (dtype: DType): number => DTYPES.indexOf(dtype) + 1;

/** What ONNX calls the floating point types of a convolutional network. */
export const FLOATS: readonly DType[] = ["float16", "float32", "float64", "bfloat16"];

/** Bytes of one element, for types whose elements are whole bytes. */
export function bytesPerElement(dtype: DType): number {
  const bits = BITS[dtype];
  if (bits === null || bits % 8) throw new RangeError(`an element of ${dtype} is not a whole number of bytes`);
  return bits / 8;
}
