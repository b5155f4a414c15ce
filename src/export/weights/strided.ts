import { bytesPerElement, type DType } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { byteLength, lazyTensor, type Ranged, SMALL_BYTES, type Tensor, tensor } from "../../graph/tensor.js";
import { elements, showShape, tensorType } from "../../graph/type.js";
import { gather, isReadInOrder } from "./gather.js";

/** Where the elements of a tensor lie: (i, j, ...) at element i * strides[0] + j * strides[1] + ... behind byte `start`. */
export interface Strided {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly start: number;
}
/** Bytes that tensors are views of: short ones at hand, so that many tensors share them. */
export interface StorageBytes extends Ranged {
  readonly data: Uint8Array | null;
}

/** `source`, read now where it is short and there is room. */
export async function storageBytes(source: Ranged, room: number): Promise<StorageBytes> {
  const { byteLength } = source;
  if (byteLength > Math.min(SMALL_BYTES, room)) return { byteLength, data: null, read: source.read };
  const data = await source.read(0, byteLength);
  return { byteLength, data, read: async (start, end) => data.slice(start, end) };
}

/** A view may repeat elements (stride 0) up to this many. */
const MAX_REPEATED = 2 ** 20;

/** The tensor that is this view of `bytes`; `key` is what errors call it. Throws a UserError where it is not within them. */
export function stridedTensor(view: Strided, bytes: StorageBytes, key: string): Tensor {
  const { dtype, shape, strides, start } = view;
  const size = bytesPerElement(dtype);
  const count = elements(shape);
  const last = shape.reduce((sum, d, axis) => sum + (d - 1) * (strides[axis] ?? 0), 0);
  const end = count ? start + (last + 1) * size : start;
  const refuse = (problem: string): UserError =>
    new UserError(`${key} is ${dtype}${showShape(shape)} with strides ${showShape(strides)}, ${problem}`);
  if (!(end <= bytes.byteLength)) throw refuse(`which is bytes ${start} to ${end} of a storage of ${bytes.byteLength}`);
  if (!(count * size <= bytes.byteLength || count <= MAX_REPEATED))
    throw refuse(`which is ${count} elements out of a storage of ${bytes.byteLength} bytes: save a part of it`);
  const type = tensorType(dtype, shape);
  if (!isContiguous(shape, strides)) {
    if (!isReadInOrder(view)) throw refuse("so that its elements overlap all over its storage: save a copy of it");
    return lazyTensor(type, gather(view, bytes));
  }
  const total = byteLength(type);
  if (bytes.data) return tensor(dtype, shape, bytes.data.subarray(start, start + total));
  return lazyTensor(type, (from, to, into) => bytes.read(start + from, start + to, into));
}

/** Row-major and without gaps; the stride of an axis of length 1 says nothing. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  return (
    elements(shape) === 0 ||
    shape.reduceRight((rest, d, axis) => {
      const fits = d === 1 || strides[axis] === expected;
      expected *= d;
      return rest && fits;
    }, true)
  );
}
