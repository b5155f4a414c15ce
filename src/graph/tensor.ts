import { BITS, type DType } from "./dtype.js";
import { type ConcreteType, elements, f32, show, tensorType } from "./type.js";

/** Bytes that are read a range at a time: of a file, of a part of one, or computed. */
export interface Ranged {
  readonly byteLength: number;
  /**
   * Bytes [start, end). Equal calls give equal bytes. The caller may write into the result, which is in `into` where that was given and could
   * be used: memory at least as long, so that a long read in chunks needs no new memory for each.
   */
  read(start: number, end: number, into?: Uint8Array): Promise<Uint8Array>;
}

/** Bytes [start, end) of `source`. */
export const range = (source: Ranged, start: number, end: number): Ranged => ({
  byteLength: end - start,
  read: (from, to, into) => source.read(start + from, start + to, into),
});

/** A constant whose type is known now and whose bytes are read on demand, so that no pass and no export holds a whole network. */
export interface Tensor extends ConcreteType, Ranged {
  /** The bytes, where they are at hand: always so for small tensors, so that shape rules and passes stay synchronous. */
  readonly data: Uint8Array | null;
  /**
   * Bytes [start, end), row-major and little-endian, sub-byte types packed as ONNX packs them; both ends lie on element boundaries.
   */
  read(start: number, end: number, into?: Uint8Array): Promise<Uint8Array>;
}

/** Tensors up to this many bytes are held in memory, longer ones are ranged. */
export const SMALL_BYTES = 64 * 1024;

/** Bytes of a tensor of fixed-size elements; two 4-bit elements share a byte. */
export function byteLength(type: ConcreteType): number {
  const bits = BITS[type.dtype];
  if (bits === null) throw new RangeError(`${show(type)} has no fixed size in bytes`);
  return Math.ceil((elements(type.shape) * bits) / 8);
}

/** A tensor held in memory. String tensors hold each element as a 4-byte length and UTF-8 bytes. */
export function tensor(dtype: DType, shape: readonly number[], data: Uint8Array): Tensor {
  const type = tensorType(dtype, shape);
  if (dtype !== "string" && data.length !== byteLength(type))
    throw new RangeError(`${show(type)} takes ${byteLength(type)} bytes, but ${data.length} were given`);
  const bytes = bytesOf(data); // a Node Buffer's own slice would not copy
  return {
    ...type,
    byteLength: bytes.length,
    data: bytes,
    async read(start, end, into) {
      if (!into) return bytes.slice(start, end);
      into.set(bytes.subarray(start, end));
      return into.subarray(0, end - start);
    },
  };
}

/** A tensor whose bytes come from `read`. */
export const lazyTensor = (type: ConcreteType, read: Tensor["read"]): Tensor => ({
  ...type,
  byteLength: byteLength(type),
  data: null,
  read,
});

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** A constant vector (or scalar, for shape []) of int64. */
export const int64s = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor("int64", shape, bytesOf(BigInt64Array.from(values, BigInt)));
export const float32s = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor("float32", shape, bytesOf(Float32Array.from(values)));

/** The float32 numbers in `bytes`, without a copy where alignment allows. */
export function asFloat32(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

export const readAll = (t: Tensor): Promise<Uint8Array> => t.read(0, t.byteLength);

/** The integers of an int32 or int64 tensor at hand; null where its bytes are not, or are no integers within 2^53. */
export function integers(t: Tensor | null): readonly number[] | null {
  if (!t?.data || (t.dtype !== "int64" && t.dtype !== "int32")) return null;
  const copy = t.data.slice().buffer;
  const values = t.dtype === "int64" ? Array.from(new BigInt64Array(copy), Number) : Array.from(new Int32Array(copy));
  return values.every(Number.isSafeInteger) ? values : null;
}

/** float32 `t` [out, ...] with row i multiplied by factor[i]; the factors are asked for once, when bytes are first read. */
export function scaleRows(t: Tensor, factors: () => Promise<Float64Array>): Tensor {
  const perRow = elements(t.shape) / Math.max(1, t.shape[0] ?? 1);
  return lazyTensor(f32(...t.shape), async (start, end, into) => {
    const k = await factors();
    const bytes = await t.read(start, end, into);
    const multiply = fast.get(bytes.buffer);
    if (multiply) {
      multiplyRows(bytes.length / 4, start / 4, perRow, k, (from, to, factor) => multiply(bytes, from, to, factor));
      return bytes;
    }
    const values = asFloat32(bytes);
    multiplyRows(values.length, start / 4, perRow, k, (from, to, factor) => multiplyBy(values, from, to, factor));
    return bytesOf(values);
  });
}

/** For `count` numbers from number `first` of a matrix on. Not within the function that awaits: there it costs the engine's compiler far more. */
function multiplyRows(
  count: number,
  first: number,
  perRow: number,
  factors: Float64Array,
  multiply: (from: number, to: number, factor: number) => void,
): void {
  for (let i = 0; i < count; ) {
    const row = Math.floor((first + i) / perRow);
    const stop = Math.min(count, (row + 1) * perRow - first);
    multiply(i, stop, factors[row] ?? 1);
    i = stop;
  }
}

/** values[i] *= factor for i in [from, to), a loop of its own so that the engine compiles it at once. */
function multiplyBy(values: Float32Array, from: number, to: number, factor: number): void {
  for (let i = from; i < to; i++) values[i] = (values[i] as number) * factor; // i < length, so there is a number
}

/** Multiplies the float32 numbers [from, to) in `bytes` by a factor, rounding as float32 arrays do, wherever they start. */
export type Multiply = (bytes: Uint8Array, from: number, to: number, factor: number) => void;
const fast = /* @__PURE__ */ new WeakMap<ArrayBufferLike, Multiply>();

/** From now on, rows that are read into `memory` are multiplied by `other`, which gives the same numbers faster. */
export function multiplyWith(memory: ArrayBufferLike, other: Multiply): void {
  fast.set(memory, other);
}

/** The float32 tensor that `compute` gives, asked for once and kept: for per-channel vectors, not for large weights. */
export function computed(type: ConcreteType, compute: () => Promise<Float32Array>): Tensor {
  const values = once(compute);
  return lazyTensor(type, async (start, end) => bytesOf(await values()).slice(start, end));
}

/** `f`, called at the first call only. */
export function once<T>(f: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => {
    result ??= f();
    return result;
  };
}
