import { hardsigmoid } from "../../src/graph/activations.js";
import { channelsOf, conv2d } from "../../src/graph/layers.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import type { Recalibration } from "../se-block.js";

/**
 * Effective Squeeze-Excitation (Lee and Park 2020, CenterMask, https://arxiv.org/abs/1911.06667, section 3.3): one layer that keeps all
 * channels, and a hard sigmoid, as timm's EffectiveSEModule. x [N,C,H,W] -> as x; parameters fc.weight [C,C,1,1], fc.bias [C].
 */
export const effectiveSqueezeExcite: Recalibration = (x, s, { onGate } = {}) => {
  const squeezed = globalAveragePool(x, { name: s.name("squeeze") }); //                     [N, C, 1, 1]
  const gate = hardsigmoid(conv2d(squeezed, s.at("fc"), channelsOf(x), { bias: true })); // [N, C, 1, 1]
  onGate?.(gate);
  return mul(x, gate, { name: s.path });
};
