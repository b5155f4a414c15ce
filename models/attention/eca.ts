import { channelsOf, conv2d } from "../../src/graph/layers.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { int64s } from "../../src/graph/tensor.js";
import type { Recalibration } from "../se-block.js";

/**
 * Efficient Channel Attention (Wang et al. 2020, https://arxiv.org/abs/1910.03151, section 3.2): each gate sees the means of its k
 * neighbours only, by one convolution along the channels. x [N,C,H,W] -> as x; parameter conv.weight [1,1,k,1].
 */
export const efficientChannelAttention: Recalibration = (x, s, { onGate } = {}) => {
  const channels = channelsOf(x);
  const means = globalAveragePool(x, { name: s.name("squeeze") }); //                             [N, C, 1, 1]
  const sequence = reshape(means, s.graph.constant(s.name("sequence"), int64s([0, 1, channels, 1]))); // [N, 1, C, 1]
  const gates = sigmoid(conv2d(sequence, s.at("conv"), 1, { kernel: [kernelSize(channels), 1] }));
  const gate = reshape(gates, s.graph.constant(s.name("shape"), int64s([0, channels, 1, 1]))); //  [N, C, 1, 1]
  onGate?.(gate);
  return mul(x, gate, { name: s.path });
};

/** The odd number at or above |log2(C) / 2 + 1 / 2| with its fraction dropped, at least 3, as timm's EcaModule has equation 12. */
function kernelSize(channels: number): number {
  const t = Math.floor(Math.abs((Math.log2(channels) + 1) / 2));
  return Math.max(t % 2 ? t : t + 1, 3);
}
