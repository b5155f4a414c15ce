import type { Attribute } from "../attribute.js";
import type { Node, Value } from "../graph.js";
import { match } from "../match.js";
import { conv } from "../ops/conv.js";
import type { RankedType } from "../type.js";
import { BLOCK, call, int, ints, reshape, shapeOf, typeOf } from "./call.js";
import { blocked, type Layout, type Rule } from "./layout.js";

/** A function of one number that a blocked convolution computes along with itself. */
export interface Activation {
  readonly name: string;
  readonly params: readonly number[];
}

/** A convolution, as far as it is known. */
export interface Convolution {
  readonly name: string;
  readonly x: Value;
  readonly w: Value;
  readonly b: Value | null;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly type: RankedType;
  /** Where images are folded into the channels of one: how many. */
  readonly images?: number;
  readonly sum?: Value;
  readonly activation?: Activation;
  /** The plain weights and the bias of a 1x1 convolution of stride 1, which a gate can scale. */
  readonly kernel?: { readonly weight: Value; readonly bias: Value | null; readonly x: Value };
}

/**
 * What a convolution is to the blocked layout: of the image as it is, of each channel by itself, or of channels by blocks. Null where its channels
 * are no whole blocks, or its weights no float32 constants.
 */
export function kindOf(node: Node): "first" | "depthwise" | "dense" | null {
  const found = match(conv, node);
  const weight = found?.w.constant;
  if (weight?.dtype !== "float32" || (found?.b && !found.b.constant)) return null;
  const { group = 1 } = found?.attrs ?? {};
  const [outputs = 0, perGroup = 0] = weight.shape;
  const whole = (n: number): boolean => n % BLOCK === 0;
  if (group === 1 && perGroup < 8) return whole(outputs) ? "first" : null;
  if (perGroup === 1 && outputs === group) return whole(outputs) ? "depthwise" : null;
  return whole(perGroup) && whole(outputs / group) ? "dense" : null;
}

/** A convolution whose channels are whole blocks. */
export const convolution: Rule = (node, output, layout) => {
  const found = match(conv, node);
  const kind = kindOf(node);
  const weight = found?.w.constant;
  const type = typeOf(output);
  if (!found || !kind || !weight || !type) return false;
  const { attrs } = found;
  const kernel = weight.shape.slice(2);
  const first = kind === "first";
  const x = first ? (layout.maps.has(found.x) ? null : found.x) : blocked(found.x, layout);
  if (!x) return false;
  const pointwise = [...kernel, ...attrs.strides].every((n) => n === 1) && attrs.pads.every((p) => p === 0);
  emit(output, layout, {
    name: node.name,
    x,
    w: kind === "dense" ? layout.blocker.both(found.w) : layout.blocker.outputs(found.w),
    b: found.b,
    attributes: {
      kernel_shape: ints(kernel),
      strides: ints(attrs.strides),
      pads: ints(attrs.pads),
      dilations: ints(attrs.dilations),
      group: int(attrs.group),
    },
    type,
    ...(pointwise && attrs.group === 1 && !first && { kernel: { weight: found.w, bias: found.b, x } }),
  });
  return true;
};

/** Writes a convolution that makes `output`; it is written again where it takes more along. */
export function emit(output: Value, { maps, open }: Layout, c: Convolution): void {
  const { name, images = 1, type, activation } = c;
  const fold = (v: Value, part: string): Value => {
    const [n = 1, channels = 1, ...size] = shapeOf(v) ?? [];
    return images === 1 ? v : reshape(v, `${name}.${part}`, [1, n * channels, ...size]);
  };
  const inputs = [fold(c.x, "x"), c.w, c.b, ...(c.sum ? [fold(c.sum, "sum")] : [])];
  const made = call(output.graph, "Conv", name, inputs, images === 1 ? type : null, {
    ...c.attributes,
    auto_pad: { kind: "string", value: "NOTSET" },
    ...(activation && { activation: { kind: "string", value: activation.name } }),
    ...(activation?.params.length && { activation_params: { kind: "floats", value: activation.params } }),
  });
  maps.set(output, images === 1 ? made : reshape(made, `${name}.apart`, shapeOf(output) ?? []));
  if (output.uses.length === 1 && !activation) open.set(output, c);
}

/** Attributes of a 1x1 convolution of stride 1. */
export const POINTWISE = (group: number): Readonly<Record<string, Attribute>> => ({
  kernel_shape: ints([1, 1]),
  strides: ints([1, 1]),
  pads: ints([0, 0, 0, 0]),
  dilations: ints([1, 1]),
  group: int(group),
});
