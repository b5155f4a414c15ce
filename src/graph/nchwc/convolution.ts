import type { Attribute } from "../attribute.js";
import type { Node, Value } from "../graph.js";
import { match } from "../match.js";
import type { Match } from "../op.js";
import { conv } from "../ops/conv.js";
import type { RankedType } from "../type.js";
import { BLOCK, blockedType, call, int, ints, reshape, shapeOf, whole } from "./call.js";
import { fillUp } from "./fill-up.js";
import { isHardSwished } from "./hard-swish.js";
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

/** A convolution of two axes with constant float32 weights and a known output; null where it is none. */
export function planar(node: Node): Match<typeof conv.def.inputs, typeof conv.def.attributes> | null {
  const found = match(conv, node);
  const weight = found?.w.constant;
  const known = found && blockedType(found.output) && (!found.b || found.b.constant);
  return known && weight?.dtype === "float32" && weight.shape.length === 4 ? found : null;
}

/**
 * A convolution of the image as it is, of each channel by itself, or of channels by blocks, filled up with channels whose weights are 0. Groups stay
 * as they are where their channels are no whole blocks.
 */
export const convolution: Rule = (node, output, layout) => {
  const found = planar(node);
  const type = shapeOf(output) && blockedType(output);
  if (!found || !type) return false;
  const { attrs } = found;
  const [outputs = 0, perGroup = 0, ...kernel] = found.w.constant?.shape ?? [];
  const wide = whole(outputs);
  const depthwise = attrs.group > 1 && perGroup === 1 && outputs === attrs.group;
  if (!depthwise && attrs.group > 1 && [perGroup, outputs / attrs.group].some((n) => n % BLOCK)) return false;
  const first = attrs.group === 1 && perGroup < 8 && !layout.maps.has(found.x);
  const x = first ? found.x : blocked(found.x, layout);
  if (!x) return false;
  const inputs = first || depthwise ? perGroup : whole(perGroup);
  const w = fillUp(found.w, wide, inputs);
  const late = layout.late.get(found.x);
  const b = found.b && fillUp(found.b, wide);
  const pointwise = [...kernel, ...attrs.strides].every((n) => n === 1) && attrs.pads.every((p) => p === 0);
  emit(output, layout, {
    name: node.name,
    x,
    w: late ? layout.blocker.scaled(w, late) : first || depthwise ? layout.blocker.outputs(w) : layout.blocker.both(w),
    b,
    attributes: {
      kernel_shape: ints(kernel),
      strides: ints(attrs.strides),
      pads: ints(attrs.pads),
      dilations: ints(attrs.dilations),
      group: int(depthwise ? wide : attrs.group),
    },
    type,
    ...(pointwise && attrs.group === 1 && !first && !late && { kernel: { weight: w, bias: b, x } }),
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
  maps.set(output, images === 1 ? made : reshape(made, `${name}.apart`, type.shape as readonly number[])); // every length is known: see `fold`
  if (!activation && (output.uses.length === 1 || isHardSwished(output))) open.set(output, c);
}

/** Attributes of a 1x1 convolution of stride 1. */
export const POINTWISE = (group: number): Readonly<Record<string, Attribute>> => ({
  kernel_shape: ints([1, 1]),
  strides: ints([1, 1]),
  pads: ints([0, 0, 0, 0]),
  dilations: ints([1, 1]),
  group: int(group),
});
