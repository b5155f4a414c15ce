import { fromHalf } from "./cast.js";
import type { Node, Value } from "./graph.js";
import { asFloat32, integers } from "./tensor.js";
import { isRanked } from "./type.js";
import { constantBehind, uncast, unshaped } from "./walk.js";

/** How each channel becomes one number; avgmax: half the mean and half the largest. */
export type Squeeze = "avg" | "max" | "avgmax";

/** How `value` makes one number of each channel of `x` [N,C,H,W]; null where it makes none, or of something else. */
export function squeezeOf(x: Value, value: Value): Squeeze | null {
  const made = unshaped(value);
  const node = made?.producer;
  if (node?.op !== "Mul") return pooling(x, made, isFlattened(value));
  const sum = node.inputs.find((v) => v?.producer?.op === "Add")?.producer;
  const parts = sum?.inputs.map((v) => pooling(x, unshaped(v))) ?? [];
  return parts.includes("avg") && parts.includes("max") && node.inputs.some(isHalf) ? "avgmax" : null;
}

const GLOBAL: Readonly<Record<string, Squeeze>> = { GlobalAveragePool: "avg", GlobalMaxPool: "max" };
const REDUCING: Readonly<Record<string, Squeeze>> = { ReduceMean: "avg", ReduceMax: "max" };
const WINDOWED: Readonly<Record<string, Squeeze>> = { AveragePool: "avg", MaxPool: "max" };

/** `flat`: each channel is known to have one number. */
function pooling(x: Value, value: Value | null, flat = false): Squeeze | null {
  const node = value?.producer;
  if (!value || !node || node.domain) return null;
  const source = uncast(node.inputs[0]);
  const global = GLOBAL[node.op];
  if (global) return source === uncast(x) ? global : null;
  const windowed = WINDOWED[node.op];
  if (windowed)
    return (flat || isOnePixel(value)) && unpadded(source) === uncast(x) && covers(node, x) ? windowed : null;
  const reducing = REDUCING[node.op];
  if (!reducing) return null;
  const flattened = unshaped(source) === unshaped(x); // [N,C,H*W]
  return flattened && (overPixels(node, source === uncast(x) ? 4 : 3) || isOnePixel(value)) ? reducing : null;
}

/** Whether the one window of a pool is the whole map: a long stride leaves what is behind a smaller one out. As far as the sizes are known. */
function covers({ attributes }: Node, { type }: Value): boolean {
  const { kernel_shape, pads } = attributes;
  const [, , ...size] = isRanked(type) ? type.shape : [];
  const isPadded = pads?.kind === "ints" && pads.value.some((n) => Number(n) !== 0);
  const window = kernel_shape?.kind === "ints" ? kernel_shape.value : [];
  return !isPadded && size.every((d, i) => typeof d !== "number" || d === Number(window[i]));
}

/** Whether a reduction of `rank` axes is over those after the channels. */
function overPixels({ attributes, inputs }: Node, rank: number): boolean {
  const { axes } = attributes;
  const given = axes?.kind === "ints" ? axes.value.map(Number) : integers(constantBehind(inputs[1]));
  const over = given?.map((axis) => (axis < 0 ? axis + rank : axis)).sort();
  return over?.join() === (rank === 4 ? "2,3" : "2");
}

/** Whether a Flatten is on the way: its row has as many numbers as the layer takes, one a channel. */
function isFlattened(value: Value): boolean {
  let v: Value | null = value;
  while (v && v !== unshaped(value)) {
    if (v.producer?.op === "Flatten") return true;
    v = v.producer?.inputs[0] ?? null;
  }
  return false;
}

/** Whether the type says [N,C,1,1]. */
function isOnePixel({ type }: Value): boolean {
  return isRanked(type) && type.shape.length === 4 && type.shape[2] === 1 && type.shape[3] === 1;
}

/** What is behind a Pad that pads nothing, which exporters put before a pool. */
function unpadded(value: Value | null): Value | null {
  const node = value?.producer;
  const { pads } = node?.attributes ?? {};
  const given = pads?.kind === "ints" ? pads.value.map(Number) : integers(constantBehind(node?.inputs[1]));
  return node?.op === "Pad" && given?.every((n) => n === 0) ? uncast(node.inputs[0]) : value;
}

function isHalf(v: Value | null): boolean {
  const { dtype, data } = constantBehind(v) ?? {};
  if (dtype === "float16" && data?.length === 2) return fromHalf((data[1]! << 8) | data[0]!) === 0.5;
  return dtype === "float32" && data?.length === 4 && asFloat32(data)[0] === 0.5;
}
