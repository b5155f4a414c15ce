import type { Dim } from "../type.js";
import { type Call, given, intOf, intsFrom, like, one, placeOf, placesOf, type Rule, rankedAt } from "./call.js";

/** Parts along one axis: as long as told, else of equal length, the last one shorter where that does not come out even. */
const split: Rule = (call) => {
  const { outputs } = call.node;
  const x = rankedAt(call, 0);
  if (!x) return outputs.map(() => like(call, null));
  const at = placeOf(intOf(call, "axis") ?? 0, x.shape.length);
  const told = call.node.attributes.split || given(call, 1) ? intsFrom(call, "split", 1) : undefined;
  const whole = x.shape[at];
  const count = intOf(call, "num_outputs") ?? outputs.length;
  const part = (i: number): Dim => {
    if (told !== undefined) return told?.[i] ?? null;
    if (typeof whole !== "number") return count === 1 ? (whole ?? null) : null;
    const size = Math.ceil(whole / count);
    return Math.max(0, Math.min(size, whole - i * size));
  };
  return outputs.map((_, i) => like(call, x.shape.with(at, part(i))));
};

/** Where along an axis of `length` a slice starts and ends, and how many it takes. */
export function sliced(
  length: number,
  start: number,
  end: number,
  step: number,
): { readonly first: number; readonly count: number } {
  const clamp = (n: number, low: number, high: number): number => Math.max(low, Math.min(high, n < 0 ? n + length : n));
  if (step === 0) throw new Error("a step is 0");
  const [first, last] =
    step > 0
      ? [clamp(start, 0, length), clamp(end, 0, length)]
      : [clamp(start, 0, length - 1), clamp(end, -1, length - 1)];
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}
/** What a Slice node takes: null where that is not known. */
export function slicing(
  call: Call,
): readonly { readonly axis: number; readonly start: number; readonly end: number; readonly step: number }[] | null {
  const starts = intsFrom(call, "starts", 1);
  const ends = intsFrom(call, "ends", 2);
  const x = rankedAt(call, 0);
  const axes =
    given(call, 3) || call.node.attributes.axes ? intsFrom(call, "axes", 3) : (starts?.map((_, i) => i) ?? null);
  const steps = given(call, 4) ? intsFrom(call, "steps", 4) : (starts?.map(() => 1) ?? null);
  if (!starts || !ends || !axes || !steps || !x) return null;
  return placesOf(axes, x.shape.length).map((axis, i) => ({
    axis,
    start: starts[i] ?? 0,
    end: ends[i] ?? 0,
    step: steps[i] ?? 1,
  }));
}
const slice: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return one(call, null);
  const parts = slicing(call);
  const axes = given(call, 3) || call.node.attributes.axes ? intsFrom(call, "axes", 3) : null;
  if (!parts) {
    const touched = axes && new Set(placesOf(axes, x.shape.length));
    return one(
      call,
      x.shape.map((d, i) => (touched && !touched.has(i) ? d : null)),
    );
  }
  const shape = [...x.shape];
  for (const { axis, start, end, step } of parts) {
    const d = shape[axis];
    const all = start === 0 && step === 1 && end >= 2 ** 31 - 1;
    shape[axis] = typeof d === "number" ? sliced(d, start, end, step).count : all ? (d ?? null) : null;
  }
  return one(call, shape);
};

const gather: Rule = (call) => {
  const [x, indices] = [rankedAt(call, 0), rankedAt(call, 1)];
  if (!x || !indices) return one(call, null);
  const at = placeOf(intOf(call, "axis") ?? 0, x.shape.length);
  return one(call, [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]);
};
const gatherND: Rule = (call) => {
  const [x, indices] = [rankedAt(call, 0), rankedAt(call, 1)];
  const last = indices?.shape.at(-1);
  if (!x || !indices || typeof last !== "number") return one(call, null);
  const batch = intOf(call, "batch_dims") ?? 0;
  return one(call, [...indices.shape.slice(0, -1), ...x.shape.slice(last + batch)]);
};

/** Operators that take parts. */
export const SLICES: Readonly<Record<string, Rule>> = {
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: (call) => one(call, rankedAt(call, 1)?.shape ?? null),
  GatherND: gatherND,
};
