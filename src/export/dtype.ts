import type { Integer } from "../graph/attribute.js";
import type { DType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";

/** onnx.proto, TensorProto.DataType: the place in this list is the number; 0 is UNDEFINED. */
const BY_NUMBER: readonly (DType | null)[] = [
  null,
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "uint4",
  "int4",
  "float4e2m1",
  "float8e8m0",
  "uint2",
  "int2",
];

/** The element type of this number; null where there is none or this version does not know it. */
export const knownDtype = (number: Integer | undefined): DType | null => BY_NUMBER[Number(number ?? 0)] ?? null;

export function dtypeOf(number: Integer | undefined, what: string): DType {
  const dtype = knownDtype(number);
  if (!dtype) throw new UserError(`${what} has element type ${number ?? 0}, which this version does not know`);
  return dtype;
}
export const numberOf = (dtype: DType): number => BY_NUMBER.indexOf(dtype);
