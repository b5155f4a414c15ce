import { GraphError, type Value } from "../src/graph/graph.js";
import { type Conv2dOptions, channelsOf } from "../src/graph/layers.js";
import { conv } from "../src/graph/ops/conv.js";
import type { Scope } from "../src/graph/scope.js";
import { isRanked } from "../src/graph/type.js";

/** What a network trained in TensorFlow keeps wherever its weights run. */
export const TENSORFLOW = { padding: "same", epsilon: 1e-3 } as const;

/**
 * A convolution with TensorFlow's SAME padding (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2): the window stands at
 * ceil(size / stride) places, and where they take an odd number of zeros, the odd one is at the end.
 * x [N,C,H,W], H and W known -> [N,out,ceil(H/stride),ceil(W/stride)]; parameter weight [out,C/groups,kH,kW].
 */
export function sameConv2d(
  x: Value,
  s: Scope,
  out: number,
  { kernel = 1, stride = 1, groups = 1 }: Omit<Conv2dOptions, "padding" | "bias">,
): Value {
  const sides = typeof kernel === "number" ? ([kernel, kernel] as const) : kernel;
  const perGroup = Math.floor(channelsOf(x) / groups);
  const fanIn = perGroup * sides[0] * sides[1];
  const zeros = sides.map((side, i) => {
    const size = lengthOf(x, 2 + i);
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + side - size);
  });
  return conv(x, s.param("weight", [out, perGroup, ...sides], { kind: "he-uniform", fanIn }), null, {
    name: s.path,
    kernel_shape: sides,
    strides: [stride, stride],
    pads: [...zeros.map((n) => Math.floor(n / 2)), ...zeros.map((n) => Math.ceil(n / 2))],
    group: groups,
  });
}

function lengthOf(x: Value, axis: number): number {
  const length = isRanked(x.type) ? x.type.shape[axis] : null;
  if (typeof length !== "number")
    throw new GraphError(`SAME padding of '${x.name}' needs its height and width, which are not known`);
  return length;
}
