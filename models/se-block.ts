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
  readonly r?: number;
  /** Biases in both layers: with in the paper's models, without in its later ablations (v4, section 6). */
  readonly bias?: boolean;
}

/**
 * Squeeze-and-Excitation (Hu et al. 2018, https://arxiv.org/abs/1709.01507, Fig. 2).
 * Scales each channel of x [N,C,H,W] by a gate in (0,1) learnt from its mean. Parameters fc1.weight [C/r,C], fc2.weight [C,C/r].
 */
export function squeezeExcite(x: Value, s: Scope, { r = 16, bias = false }: SqueezeExciteOptions = {}): Value {
  const channels = channelsOf(x);
  const squeezed = flatten(globalAveragePool(x, { name: s.name("squeeze") })); //          [N, C]
  const hidden = relu(linear(squeezed, s.at("fc1"), reduced(channels, r, s), { bias })); // [N, C/r]
  const gate = sigmoid(linear(hidden, s.at("fc2"), channels, { bias })); //                [N, C]
  return mul(x, perChannel(gate, s, channels), { name: s.path }); //                       [N, C, H, W]
}

/** The same function with 1x1 convolutions for layers, as timm and torchvision write it. Parameters fc1.weight [C/r,C,1,1], fc2.weight [C,C/r,1,1]. */
export function squeezeExciteConv(x: Value, s: Scope, { r = 16, bias = false }: SqueezeExciteOptions = {}): Value {
  const channels = channelsOf(x);
  const squeezed = globalAveragePool(x, { name: s.name("squeeze") }); //                   [N, C,   1, 1]
  const hidden = relu(conv2d(squeezed, s.at("fc1"), reduced(channels, r, s), { bias })); // [N, C/r, 1, 1]
  const gate = sigmoid(conv2d(hidden, s.at("fc2"), channels, { bias })); //                [N, C,   1, 1]
  return mul(x, gate, { name: s.path }); //                                                [N, C,   H, W]
}

/** [N,C] -> [N,C,1,1] for any batch: 0 keeps the input's length. */
function perChannel(gate: Value, s: Scope, channels: number): Value {
  return reshape(gate, s.graph.constant(s.name("shape"), int64s([0, channels, 1, 1])));
}

function reduced(channels: number, r: number, s: Scope): number {
  if (!Number.isInteger(r) || r < 1) throw new GraphError(`r must be a whole number from 1 up, but is ${r}`);
  const hidden = Math.floor(channels / r);
  if (hidden < 1)
    throw new GraphError(
      `r = ${r} leaves '${s.path}', which has ${channels} channels, no hidden unit: choose r up to ${channels}`,
    );
  return hidden;
}
