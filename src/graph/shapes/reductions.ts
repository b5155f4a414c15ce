import { type Shape, tensorType } from "../type.js";
import { given, intOf, intsFrom, like, placeOf, placesOf, type Rule, rankedAt, unknown } from "./call.js";

/** A reduction over `axes`, or over all where none are given. */
const reduce: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return [like(call, null)];
  const keep = (intOf(call, "keepdims") ?? 1) === 1;
  const told = given(call, 1) || call.node.attributes.axes;
  const axes = told ? intsFrom(call, "axes", 1) : [];
  if (!axes) return [like(call, keep ? unknown(x.shape.length) : null)];
  if (!axes.length && intOf(call, "noop_with_empty_axes") === 1) return [x];
  const over = new Set(axes.length ? placesOf(axes, x.shape.length) : x.shape.keys());
  return [like(call, reduced(x.shape, over, keep))];
};
const reduced = (shape: Shape, over: ReadonlySet<number>, keep: boolean): Shape =>
  shape.flatMap((d, i) => (over.has(i) ? (keep ? [1] : []) : [d]));

/** The place of the largest or smallest along one axis. */
const arg: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return [tensorType("int64", null)];
  const over = new Set([placeOf(intOf(call, "axis") ?? 0, x.shape.length)]);
  return [tensorType("int64", reduced(x.shape, over, (intOf(call, "keepdims") ?? 1) === 1))];
};

/** The k largest along one axis, and their places. */
const topK: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return [like(call, null), tensorType("int64", null)];
  const at = placeOf(intOf(call, "axis") ?? -1, x.shape.length);
  const k = intOf(call, "k") ?? call.known(1)?.elements[0] ?? null;
  const shape = x.shape.with(at, k);
  return [like(call, shape), tensorType("int64", shape)];
};

const REDUCTIONS_OF =
  "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare";

export const REDUCTIONS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(REDUCTIONS_OF.split(" ").map((name) => [name, reduce])),
  ArgMax: arg,
  ArgMin: arg,
  TopK: topK,
};
