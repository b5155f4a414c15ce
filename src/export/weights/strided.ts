import { bytesPerElement, type DType } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { byteLength, lazyTensor, once, type Ranged, SMALL_BYTES, type Tensor, tensor } from "../../graph/tensor.js";
import { elements, showShape, tensorType } from "../../graph/type.js";

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
  if (!(end <= bytes.byteLength) || (count * size > bytes.byteLength && !(count <= MAX_REPEATED)))
    throw new UserError(
      `${key} is ${dtype}${showShape(shape)} with strides ${showShape(strides)}, which is bytes ${start} to ${end} of a storage of ${bytes.byteLength}`,
    );
  const type = tensorType(dtype, shape);
  if (!isContiguous(shape, strides)) return lazyTensor(type, gather(view, bytes, end));
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

/** Elements gathered at a time, and bytes in which they may lie. */
const PIECE = 16_384;
const SPAN = 4 * 1024 * 1024;

/**
 * Reads elements in row-major order, whatever their strides. What is asked for lies together where axes are swapped within a row, as in the
 * channels-last weights of convolutions; where it lies all over a long storage, the storage is read once and kept.
 */
function gather({ dtype, shape, strides, start }: Strided, bytes: Ranged, end: number): Tensor["read"] {
  const size = bytesPerElement(dtype);
  const whole = once(() => bytes.read(start, end));
  return async (from, to, into) => {
    const out = into && into.length >= to - from ? into.subarray(0, to - from) : new Uint8Array(to - from);
    for (let at = from / size; at < to / size; at += PIECE) {
      const places = placesOf(shape, strides, at, Math.min(PIECE, to / size - at));
      const [first, last] = bounds(places);
      const near = (last - first + 1) * size <= SPAN;
      const source = near ? await bytes.read(start + first * size, start + (last + 1) * size) : await whole();
      pick(source, places, near ? first : 0, size, out.subarray(at * size - from));
    }
    return out;
  };
}

/** Where `count` elements lie, from number `from` in row-major order on. */
function placesOf(shape: readonly number[], strides: readonly number[], from: number, count: number): Float64Array {
  const index = indexOf(shape, from);
  let place = index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), 0);
  const places = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    places[n] = place;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        place += stride;
        break;
      }
      place -= (next - 1) * stride;
      index[axis] = 0;
    }
  }
  return places;
}
function indexOf(shape: readonly number[], from: number): number[] {
  let rest = from;
  return shape
    .map((d) => d)
    .reverse()
    .map((d) => {
      const i = rest % d;
      rest = Math.floor(rest / d);
      return i;
    })
    .reverse();
}
const bounds = (places: Float64Array): readonly [number, number] =>
  places.reduce(([low, high], p) => [Math.min(low, p), Math.max(high, p)], [places[0] ?? 0, places[0] ?? 0]);

function pick(source: Uint8Array, places: Float64Array, first: number, size: number, out: Uint8Array): void {
  for (let n = 0; n < places.length; n++) {
    const at = ((places[n] ?? 0) - first) * size;
    for (let b = 0; b < size; b++) out[n * size + b] = source[at + b] ?? 0;
  }
}
