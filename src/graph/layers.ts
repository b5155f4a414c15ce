import { GraphError, type Value } from "./graph.js";
import { batchNormalization } from "./ops/batch-normalization.js";
import { conv } from "./ops/conv.js";
import { gemm } from "./ops/gemm.js";
import type { Init } from "./parameter.js";
import type { Scope } from "./scope.js";
import { isRanked, show } from "./type.js";

/** C of x [N,C,...], which must be known. */
export function channelsOf(x: Value): number {
  const c = isRanked(x.type) ? x.type.shape[1] : undefined;
  if (typeof c !== "number")
    throw new GraphError(`'${x.name}' is ${show(x.type)}: its number of channels is not known`);
  return c;
}

const heUniform = (fanIn: number): Init => ({ kind: "he-uniform", fanIn });
const constant = (value: number): Init => ({ kind: "constant", value });

export interface Conv2dOptions {
  /** Length of both sides, or [height, width]; odd unless `padding` is given. */
  readonly kernel?: number | readonly [number, number];
  readonly stride?: number;
  /** On each side, or [above and below, left and right]; keeps H and W of a stride-1 convolution with an odd kernel unless given. */
  readonly padding?: number | readonly [number, number];
  readonly groups?: number;
  readonly bias?: boolean;
}
const pair = (n: number | readonly [number, number]): readonly [number, number] => (typeof n === "number" ? [n, n] : n);

/** PyTorch's Conv2d. x [N,C,H,W] -> [N,out,H',W']; parameters weight [out,C/groups,kH,kW], bias [out]. */
export function conv2d(x: Value, s: Scope, out: number, options: Conv2dOptions = {}): Value {
  const { kernel = 1, stride = 1, groups = 1, bias = false } = options;
  const [kh, kw] = pair(kernel);
  const [top, left] = pair(options.padding ?? [kh >> 1, kw >> 1]);
  const perGroup = Math.floor(channelsOf(x) / groups);
  const w = s.param("weight", [out, perGroup, kh, kw], heUniform(perGroup * kh * kw));
  const b = bias ? s.param("bias", [out], constant(0)) : null;
  return conv(x, w, b, {
    name: s.path,
    kernel_shape: [kh, kw],
    strides: pair(stride),
    pads: [top, left, top, left],
    group: groups,
  });
}

/** PyTorch's BatchNorm2d in evaluation. x [N,C,H,W] -> as x; `gamma` is where the scale starts. */
export function batchNorm2d(x: Value, s: Scope, { epsilon = 1e-5, gamma = 1 } = {}): Value {
  const shape = [channelsOf(x)];
  const scale = s.param("weight", shape, constant(gamma));
  const shift = s.param("bias", shape, constant(0));
  const mean = s.param("running_mean", shape, constant(0), { trainable: false });
  const variance = s.param("running_var", shape, constant(1), { trainable: false });
  return batchNormalization(x, scale, shift, mean, variance, { name: s.path, epsilon });
}

/** PyTorch's Linear. x [N,F] -> [N,out]; parameters weight [out,F], bias [out]. */
export function linear(x: Value, s: Scope, out: number, { bias = true } = {}): Value {
  const features = channelsOf(x);
  const w = s.param("weight", [out, features], heUniform(features));
  const b = bias ? s.param("bias", [out], constant(0)) : null;
  return gemm(x, w, b, { name: s.path, transB: 1 });
}
