import { channelsOf, conv2d } from "../../src/graph/layers.js";
import { add } from "../../src/graph/ops/add.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { type Recalibration, units } from "../se-block.js";

/**
 * Concurrent spatial and channel SE (Roy et al. 2018, https://arxiv.org/abs/1803.02579, section 3): x scaled by one gate a channel, plus
 * x scaled by one gate a pixel. x [N,C,H,W] -> as x; parameters cSE.1 and cSE.3 (1x1 convolutions to C/r and back), sSE.0 (to one
 * channel), all with biases, named as segmentation_models_pytorch names them.
 */
export const spatialChannelSqueezeExcite: Recalibration = (x, s, options = {}) => {
  const [channel, spatial] = [s.at("cSE"), s.at("sSE")];
  const squeezed = globalAveragePool(x, { name: s.name("squeeze") }); //                                 [N, C, 1, 1]
  const hidden = relu(conv2d(squeezed, channel.at(1), units(x, s, options), { bias: true })); //         [N, C/r, 1, 1]
  const channelGate = sigmoid(conv2d(hidden, channel.at(3), channelsOf(x), { bias: true })); //          [N, C, 1, 1]
  const pixelGate = sigmoid(conv2d(x, spatial.at(0), 1, { bias: true })); //                             [N, 1, H, W]
  options.onGate?.(channelGate);
  return add(mul(x, channelGate, { name: channel.path }), mul(x, pixelGate, { name: spatial.path }), { name: s.path });
};
