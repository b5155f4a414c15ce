import { batchNorm2d, channelsOf, conv2d } from "../src/graph/layers.js";
import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { bottleneck, resnet, type Shortcut, stemPool } from "./resnet.js";
import { deepStem } from "./resnet-d.js";

/** As `projection`, with a 3x3 convolution where the size halves. */
const wideProjection: Shortcut = (x, s, out, stride) => {
  if (stride === 1 && channelsOf(x) === out) return x;
  const down = s.at("downsample");
  return batchNorm2d(conv2d(x, down.at(0), out, { kernel: stride === 1 ? 1 : 3, stride }), down.at(1));
};

const SE: OwnSqueezeExcite = { bias: true };

/** The winner of ILSVRC 2017 (Hu et al. v4, https://arxiv.org/abs/1709.01507, appendix), with timm's parameter names and stem pool. */
export const senet154 = /* @__PURE__ */ senet();
/** The same with the stem pool of its Caffe model and of Cadene's port, which is rounded up. */
export const legacy_senet154 = /* @__PURE__ */ senet({ ceil: true });

function senet({ ceil = false } = {}): Architecture {
  const block = bottleneck({ groups: 64, widthPerGroup: 4, reduceFirst: 2 });
  return resnet(block, [3, 8, 36, 3], {
    stem: deepStem(64, { pool: (x) => stemPool(x, { ceil }) }),
    shortcut: wideProjection,
    se: SE,
  });
}
