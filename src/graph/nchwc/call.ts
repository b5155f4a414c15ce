import type { Attribute } from "../attribute.js";
import type { Graph, Value } from "../graph.js";
import { int64s } from "../tensor.js";
import { f32, isRanked, type RankedType } from "../type.js";

/** The operators on blocked maps of ONNX Runtime's CPU build: internal to it, written by its own optimizer, with weights that need not be constant. */
export const NCHWC = "com.microsoft.nchwc";

/** Every block size of ONNX Runtime divides it (8, and 16 with AVX-512). */
export const BLOCK = 16;

export const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });
export const int = (value: number): Attribute => ({ kind: "int", value });

/** `channels` and those that fill up the last block. */
export const whole = (channels: number): number => Math.ceil(channels / BLOCK) * BLOCK;

/** One node with one output. */
export function call(
  graph: Graph,
  op: string,
  name: string,
  inputs: readonly (Value | null)[],
  type: RankedType | null,
  attributes: Readonly<Record<string, Attribute>> = {},
  domain = NCHWC,
): Value {
  const node = graph.add({ op, domain, name, inputs, attributes, outputs: [{ name, type }] });
  return node.outputs[0] as Value; // one was asked for
}

/** v with another shape, through ONNX's own operator. */
export function reshape(v: Value, name: string, shape: readonly number[]): Value {
  const to = v.graph.constant(`${name}.shape`, int64s(shape));
  return call(v.graph, "Reshape", name, [v, to], f32(...shape), {}, "");
}

export const typeOf = ({ type }: Value): RankedType | null => (isRanked(type) ? type : null);
/** A shape of known lengths. */
export function shapeOf(v: Value): readonly number[] | null {
  const shape = typeOf(v)?.shape;
  return shape?.every((d) => typeof d === "number") ? shape : null;
}
/** The type of v's blocked map: its channels are whole blocks. What is in those that v has not is finite, and read by nobody. */
export function blockedType(v: Value): RankedType | null {
  const [n, channels, ...size] = shapeOf(v) ?? [];
  return n === undefined || channels === undefined ? typeOf(v) : f32(n, whole(channels), ...size);
}
export const sameShape = (a: Value, b: Value): boolean => {
  const [s, t] = [shapeOf(a), shapeOf(b)];
  return s !== null && t !== null && s.join() === t.join();
};
