import { bytesPerElement } from "../../graph/dtype.js";
import type { Ranged, Tensor } from "../../graph/tensor.js";
import type { Strided } from "./strided.js";

/** Bytes of a tensor that are put together at a time. */
const BLOCK = 16 * 1024 * 1024;
/** Bytes of its storage that are at hand then, and as many where what is wanted of them is thinly spread. */
const WINDOW = 4 * 1024 * 1024;
const THIN_WINDOW = 16 * 1024;
/** Bytes of the storage for one element that is wanted, or more: a read of each takes less time than reading all between them. */
const THIN = 128 * 1024;

/** One axis of a block: `length` elements, each `stride` behind the one before in the storage, and `step` in the block. */
interface Axis {
  readonly length: number;
  readonly stride: number;
  readonly step: number;
}
/** Elements that lie together in row-major order: bytes [from, to) of the tensor. The first is element `place` of the storage. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly place: number;
  readonly axes: readonly Axis[];
}

/** Whether the storage is read from front to back when its elements are, or is so short that this does not matter: see `gather`. */
export function isReadInOrder({ dtype, shape, strides }: Strided): boolean {
  const axes = inOrder(shape.map((length, axis) => ({ length, stride: strides[axis] ?? 0, step: 0 })));
  const reach = reachOf(axes);
  let rest = 0;
  const apart = axes.toReversed().every(({ length, stride }) => {
    const fits = stride > rest || stride === 0;
    rest += (length - 1) * stride;
    return fits;
  });
  return apart || (reach + 1) * bytesPerElement(dtype) <= WINDOW;
}

/**
 * Reads elements in row-major order, whatever their strides. A block of them is put together by going through the storage once, in the order in
 * which it lies there: axes that are swapped, as in a transposed matrix, cost as many passes as there are blocks, and no more memory. The block
 * is kept until it is read to its end.
 */
export function gather(view: Strided, bytes: Ranged): Tensor["read"] {
  let held: { readonly from: number; readonly content: Promise<Uint8Array> } | null = null;
  const contentOf = (block: Block): Promise<Uint8Array> => {
    if (held?.from === block.from) return held.content;
    const content = fill(block, view, bytes);
    held = { from: block.from, content };
    return content;
  };
  return async (from, to, into) => {
    const out = into && into.length >= to - from ? into.subarray(0, to - from) : new Uint8Array(to - from);
    for (let at = from; at < to; ) {
      const block = blockAt(view, at);
      const content = await contentOf(block).catch((e: unknown) => {
        held = null; // the next read tries again
        throw e;
      });
      const end = Math.min(to, block.to);
      out.set(content.subarray(at - block.from, end - block.from), at - from);
      if (end === block.to && held?.from === block.from) held = null;
      at = end;
    }
    return out;
  };
}

/** The block that byte `at` of the tensor is in: one index of each axis in front, a range of one axis, and the whole of the axes behind it. */
function blockAt({ dtype, shape, strides }: Strided, at: number): Block {
  const steps = stepsOf(shape);
  const bytes = steps.map((step) => step * bytesPerElement(dtype));
  const ranged = bytes.findIndex((b) => b <= BLOCK); // there is one: the last is an element
  const most = Math.floor(BLOCK / (bytes[ranged] ?? 1));
  let [from, place, count] = [0, 0, 1];
  for (let axis = 0; axis <= ranged; axis++) {
    const all = Math.floor((at - from) / (bytes[axis] ?? 1));
    const index = axis < ranged ? all : all - (all % most);
    from += index * (bytes[axis] ?? 0);
    place += index * (strides[axis] ?? 0);
    count = Math.min(most, (shape[axis] ?? 1) - index);
  }
  const axes = shape.slice(ranged).map((length, i) => ({
    length: i === 0 ? count : length,
    stride: strides[ranged + i] ?? 0,
    step: steps[ranged + i] ?? 1,
  }));
  return { from, to: from + count * (bytes[ranged] ?? 0), place, axes: inOrder(axes) };
}
/** Elements from one index of each axis to the next, in row-major order. */
const stepsOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));

/** Those longer than 1, the one with the longest stride first. */
const inOrder = (axes: readonly Axis[]): Axis[] =>
  axes.filter(({ length }) => length !== 1).sort((a, b) => b.stride - a.stride);
/** Elements from the first to the last. */
const reachOf = (axes: readonly Axis[]): number =>
  axes.reduce((sum, { length, stride }) => sum + (length - 1) * stride, 0);

async function fill({ from, to, place, axes }: Block, { dtype, start }: Strided, bytes: Ranged): Promise<Uint8Array> {
  const size = bytesPerElement(dtype);
  const out = new Uint8Array(to - from);
  const target = wordsOf(out, size);
  const [last = { length: 1, stride: 0, step: 1 }, ...outer] = axes.toReversed();
  const end = place + reachOf(axes) + 1; // behind the last element
  const thin = (end - place) * size > THIN * (out.length / size);
  const span = Math.min(end - place, (thin ? THIN_WINDOW : WINDOW) / size);
  const window = new Uint8Array(span * size);
  let source: Words = target;
  let [low, high] = [0, 0]; // elements of the storage that are at hand
  for (const { place: first, spot } of rowsOf(outer, place)) {
    for (let done = 0; done < last.length; ) {
      const at = first + done * last.stride;
      if (at < low || at >= high) {
        [low, high] = [at, Math.min(end, at + span)];
        source = wordsOf(await bytes.read(start + low * size, start + high * size, window), size);
      }
      const here = last.stride ? Math.floor((high - 1 - at) / last.stride) + 1 : last.length;
      const count = Math.min(last.length - done, here);
      const [reads, writes] = [(at - low) * source.each, (spot + done * last.step) * source.each];
      copy(source, reads, last.stride, target, writes, last.step, count);
      done += count;
    }
  }
  return out;
}

/** Where each row of a block starts, in the storage and in the block; the last of `axes` has the longest stride. */
function* rowsOf(axes: readonly Axis[], place: number): Generator<{ readonly place: number; readonly spot: number }> {
  const index = axes.map(() => 0);
  let spot = 0;
  for (;;) {
    yield { place, spot };
    let axis = 0;
    for (; axis < axes.length; axis++) {
      const { length, stride, step } = axes[axis] as Axis; // axis < length
      const next = (index[axis] ?? 0) + 1;
      if (next < length) {
        index[axis] = next;
        place += stride;
        spot += step;
        break;
      }
      place -= (next - 1) * stride;
      spot -= (next - 1) * step;
      index[axis] = 0;
    }
    if (axis === axes.length) return;
  }
}

/** Elements as words of up to 4 bytes, `each` of them for one, which are copied without a look at what they mean. */
interface Words {
  readonly words: Uint8Array | Uint16Array | Uint32Array;
  readonly each: number;
}
function wordsOf(bytes: Uint8Array, size: number): Words {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 ? bytes.slice() : bytes;
  if (size === 1) return { words: new Uint8Array(buffer, byteOffset, length), each: 1 };
  if (size === 2) return { words: new Uint16Array(buffer, byteOffset, length / 2), each: 1 };
  return { words: new Uint32Array(buffer, byteOffset, length / 4), each: size / 4 };
}

/** Copies `count` elements: from word `from` on, `stride` elements apart, to word `to` on, `step` elements apart. */
function copy(
  source: Words,
  from: number,
  stride: number,
  target: Words,
  to: number,
  step: number,
  count: number,
): void {
  const { words, each } = source;
  const out = target.words;
  for (let n = 0, a = from, b = to; n < count; n++, a += stride * each, b += step * each)
    for (let w = 0; w < each; w++) out[b + w] = words[a + w] as number; // both lie within: the view was checked against its storage
}
