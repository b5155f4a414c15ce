import { GraphError, type Value } from "../src/graph/graph.js";
import { channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { mul } from "../src/graph/ops/mul.js";
import { relu } from "../src/graph/ops/relu.js";
import { reshape } from "../src/graph/ops/reshape.js";
import { sigmoid } from "../src/graph/ops/sigmoid.js";
import type { Scope } from "../src/graph/scope.js";
import { int64s } from "../src/graph/tensor.js";

export interface SqueezeExciteOptions {
  /** The paper's reduction ratio: the hidden layer has floor(C / r) units. */
  readonly r?: number | undefined;
  /** Biases in both layers: with in the paper's models, without in its later ablations (v4, section 6). */
  readonly bias?: boolean | undefined;
  /** What r divides, where that is not the number of channels. */
  readonly base?: number | undefined;
  /** Hidden units from base / r; Math.floor unless given. */
  readonly round?: ((units: number) => number) | undefined;
  /** [N,C,H,W] -> [N,C,1,1]; the mean unless given. */
  readonly squeeze?: ((x: Value, s: Scope) => Value) | undefined;
  /** Between the two layers; ReLU unless given. */
  readonly activation?: ((x: Value) => Value) | undefined;
  /** Makes the gate; sigmoid unless given. */
  readonly excitation?: ((x: Value) => Value) | undefined;
  /** Is told the gate. */
  readonly onGate?: (gate: Value) => void;
}
/** An SE block or one of its relatives: x [N,C,H,W] scaled by what it has learnt from x. Parameters under `s`. */
export type Recalibration = (x: Value, s: Scope, options?: SqueezeExciteOptions) => Value;

/**
 * Squeeze-and-Excitation (Hu et al. 2018, https://arxiv.org/abs/1709.01507, Fig. 2).
 * Scales each channel of x [N,C,H,W] by a gate in (0,1) learnt from its mean. Parameters fc1.weight [C/r,C], fc2.weight [C,C/r].
 */
export const squeezeExcite: Recalibration = (x, s, options = {}) => {
  const { squeeze = averageSqueeze, activation = relu, excitation = sigmoid, bias = false, onGate } = options;
  const channels = channelsOf(x);
  const squeezed = flatten(squeeze(x, s)); //                                                 [N, C]
  const hidden = activation(linear(squeezed, s.at("fc1"), units(x, s, options), { bias })); // [N, C/r]
  const gate = excitation(linear(hidden, s.at("fc2"), channels, { bias })); //                 [N, C]
  onGate?.(gate);
  return mul(x, perChannel(gate, s, channels), { name: s.path }); //                           [N, C, H, W]
};

/** The same function with 1x1 convolutions for layers, as timm and torchvision write it. Parameters fc1.weight [C/r,C,1,1], fc2.weight [C,C/r,1,1]. */
export const squeezeExciteConv: Recalibration = (x, s, options = {}) => {
  const { squeeze = averageSqueeze, activation = relu, excitation = sigmoid, bias = false, onGate } = options;
  const squeezed = squeeze(x, s); //                                                           [N, C,   1, 1]
  const hidden = activation(conv2d(squeezed, s.at("fc1"), units(x, s, options), { bias })); // [N, C/r, 1, 1]
  const gate = excitation(conv2d(hidden, s.at("fc2"), channelsOf(x), { bias })); //            [N, C,   1, 1]
  onGate?.(gate);
  return mul(x, gate, { name: s.path }); //                                                    [N, C,   H, W]
};

/** The mean of each channel: x [N,C,H,W] -> [N,C,1,1]. */
export const averageSqueeze = (x: Value, s: Scope): Value => globalAveragePool(x, { name: s.name("squeeze") });

/** [N,C] -> [N,C,1,1] for any batch: 0 keeps the input's length. */
function perChannel(gate: Value, s: Scope, channels: number): Value {
  return reshape(gate, s.graph.constant(s.name("shape"), int64s([0, channels, 1, 1])));
}

/** Width of the hidden layer for x. */
export function units(
  x: Value,
  s: Scope,
  { r = 16, base = channelsOf(x), round = Math.floor }: SqueezeExciteOptions,
): number {
  if (!Number.isInteger(r) || r < 1) throw new GraphError(`r must be a whole number from 1 up, but is ${r}`);
  const hidden = r > base ? 0 : round(base / r);
  const channels = channelsOf(x);
  if (hidden > channels)
    throw new GraphError(`'${s.path}' has ${channels} channels, too few for ${hidden} hidden units`);
  if (hidden < 1)
    throw new GraphError(
      `r = ${r} leaves '${s.path}' no hidden unit, since it divides ${base}: choose r up to ${base}`,
    );
  return hidden;
}
