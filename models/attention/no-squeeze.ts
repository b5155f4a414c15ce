import { channelsOf, conv2d } from "../../src/graph/layers.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { type Recalibration, units } from "../se-block.js";

/**
 * The ablation without a squeeze (Hu et al. v4, https://arxiv.org/abs/1709.01507, section 7.1): the two layers as 1x1 convolutions over
 * the whole map, so that every pixel has its own gates. x [N,C,H,W] -> as x; parameters fc1.weight [C/r,C,1,1], fc2.weight [C,C/r,1,1].
 */
export const noSqueeze: Recalibration = (x, s, options = {}) => {
  const { bias = false } = options;
  const hidden = relu(conv2d(x, s.at("fc1"), units(x, s, options), { bias })); //   [N, C/r, H, W]
  const gate = sigmoid(conv2d(hidden, s.at("fc2"), channelsOf(x), { bias })); //    [N, C,   H, W]
  options.onGate?.(gate);
  return mul(x, gate, { name: s.path });
};
