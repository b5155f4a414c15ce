import type { DType } from "../graph/dtype.js";
import type { HostArray } from "./session.js";

/** The view of a buffer as numbers of an element type, where a model's inputs and outputs can be of it. */
export const ARRAYS: Readonly<Partial<Record<DType, (buffer: ArrayBuffer) => HostArray>>> = {
  float32: (b) => new Float32Array(b),
  float64: (b) => new Float64Array(b),
  float16: (b) => new Uint16Array(b),
  uint8: (b) => new Uint8Array(b),
  int8: (b) => new Int8Array(b),
  bool: (b) => new Uint8Array(b),
  uint16: (b) => new Uint16Array(b),
  int16: (b) => new Int16Array(b),
  uint32: (b) => new Uint32Array(b),
  int32: (b) => new Int32Array(b),
  uint64: (b) => new BigUint64Array(b),
  int64: (b) => new BigInt64Array(b),
};
