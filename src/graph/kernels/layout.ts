import { bytesPerElement } from "../dtype.js";
import { intOf, intsOf, placeOf } from "../shapes/call.js";
import { sliced, slicing } from "../shapes/slices.js";
import { type Tensor, tensor } from "../tensor.js";
import { elements } from "../type.js";
import { broadcastIndex } from "./arithmetic.js";
import type { Computation, Kernel } from "./kernel.js";
import { numbersOf, tensorOf } from "./typed.js";

/** Elements of `source` in another order or number: element i is the one at `from(i)`. Bytes are moved as they are. */
function moved(source: Tensor, { type }: Computation, from: (flat: number) => number): Tensor | null {
  if (!source.data || source.dtype !== type.dtype) return null;
  const size = bytesPerElement(source.dtype);
  const out = new Uint8Array(elements(type.shape) * size);
  for (let i = 0; i < out.length / size; i++) {
    const at = from(i) * size;
    if (!(at >= 0) || at + size > source.data.length) return null; // an index that is not there
    out.set(source.data.subarray(at, at + size), i * size);
  }
  return tensor(type.dtype, type.shape, out);
}

/** Place `flat` of a tensor of this shape as one index an axis. */
function place(flat: number, shape: readonly number[]): number[] {
  const out: number[] = [];
  let rest = flat;
  for (const length of shape.toReversed()) {
    out.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return out;
}
const flatten = (indices: readonly number[], shape: readonly number[]): number =>
  indices.reduce((at, index, i) => at * (shape[i] ?? 1) + index, 0);

const transpose: Kernel = (c) => {
  const [x] = c.inputs;
  if (!x) return null;
  const perm = intsOf(c.call, "perm") ?? [...x.shape.keys()].reverse();
  return moved(x, c, (i) => {
    const out = place(i, c.type.shape);
    return flatten(
      x.shape.map((_, axis) => out[perm.indexOf(axis)] ?? 0),
      x.shape,
    );
  });
};

const expand: Kernel = (c) => {
  const [x] = c.inputs;
  return x ? moved(x, c, broadcastIndex(x.shape, c.type.shape)) : null;
};

const slice: Kernel = (c) => {
  const [x] = c.inputs;
  const parts = slicing(c.call);
  if (!x || !parts) return null;
  const steps = parts.map(({ axis, start, end, step }) => ({
    axis,
    step,
    first: sliced(x.shape[axis] ?? 0, start, end, step).first,
  }));
  return moved(x, c, (i) => {
    const at = place(i, c.type.shape);
    for (const { axis, first, step } of steps) at[axis] = first + (at[axis] ?? 0) * step;
    return flatten(at, x.shape);
  });
};

const gather: Kernel = (c) => {
  const [x, indices] = c.inputs;
  const chosen = indices ? numbersOf(indices) : null;
  if (!x || !indices || !chosen) return null;
  const at = placeOf(intOf(c.call, "axis") ?? 0, x.shape.length);
  const length = x.shape[at] ?? 0;
  if (chosen.some((n) => n < -length || n >= length)) return null;
  const inner = elements(x.shape.slice(at + 1));
  return moved(x, c, (i) => {
    const [outer, which] = [Math.floor(i / (inner * chosen.length)), Math.floor(i / inner) % chosen.length];
    const index = chosen[which] ?? 0;
    return (outer * length + (index < 0 ? index + length : index)) * inner + (i % inner);
  });
};

const concat: Kernel = (c) => {
  const parts = c.inputs.filter((t) => t !== null);
  const [first] = parts;
  if (!first?.data || parts.some((t) => !t.data || t.dtype !== first.dtype)) return null;
  const size = bytesPerElement(first.dtype);
  const at = placeOf(intOf(c.call, "axis") ?? 1, first.shape.length);
  const out = new Uint8Array(elements(c.type.shape) * size);
  let filled = 0;
  for (let o = 0; o < elements(first.shape.slice(0, at)); o++)
    for (const { data, shape } of parts) {
      const row = elements(shape.slice(at)) * size;
      out.set(data?.subarray(o * row, (o + 1) * row) ?? [], filled);
      filled += row;
    }
  return filled === out.length ? tensor(c.type.dtype, c.type.shape, out) : null;
};

const constantOfShape: Kernel = ({ call, type }) => {
  const { value } = call.node.attributes;
  const [fill = null] = value?.kind === "tensor" ? (numbersOf(value.value) ?? []) : [0];
  return fill === null ? null : tensorOf(type, Array<number>(elements(type.shape)).fill(fill));
};

const where: Kernel = (c) => {
  const [condition, a, b] = c.inputs;
  const choice = condition && numbersOf(condition);
  if (!choice || !a?.data || !b?.data || a.dtype !== b.dtype) return null;
  const [which, left, right] = [condition, a, b].map((t) => broadcastIndex(t.shape, c.type.shape));
  const size = bytesPerElement(a.dtype);
  const out = new Uint8Array(elements(c.type.shape) * size);
  for (let i = 0; i < out.length / size; i++) {
    const [source, at] = choice[which?.(i) ?? 0] ? [a, left] : [b, right];
    const from = (at?.(i) ?? 0) * size;
    out.set(source.data?.subarray(from, from + size) ?? [], i * size);
  }
  return tensor(c.type.dtype, c.type.shape, out);
};

export const LAYOUT: Readonly<Record<string, Kernel>> = {
  Transpose: transpose,
  Expand: expand,
  Slice: slice,
  Gather: gather,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Where: where,
};

/** Operators whose output has the first input's elements in their order. */
export const VIEWS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Identity",
]);
