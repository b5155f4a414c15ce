import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d } from "../src/graph/layers.js";
import { averagePool } from "../src/graph/ops/average-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import { type Block, basicBlock, bottleneck, type Depths, resnet, type Shortcut, stemPool } from "./resnet.js";

export interface DeepStemOptions {
  /** Channels of the first convolution, where they are not those of the second. */
  readonly first?: number;
  /** Halves the size after the three convolutions; a 3x3 maximum unless given. */
  readonly pool?: (x: Value, s: Scope) => Value;
}
/** Three 3x3 convolutions of `width`, `width` and `2 width` channels in place of the 7x7 (He et al. 2018, https://arxiv.org/abs/1812.01187, ResNet-C). */
export const deepStem =
  (width: number, { first = width, pool = (x) => stemPool(x) }: DeepStemOptions = {}) =>
  (image: Value, s: Scope): Value => {
    const conv1 = s.at("conv1");
    let x = relu(batchNorm2d(conv2d(image, conv1.at(0), first, { kernel: 3, stride: 2 }), conv1.at(1)));
    x = relu(batchNorm2d(conv2d(x, conv1.at(3), width, { kernel: 3 }), conv1.at(4)));
    x = relu(batchNorm2d(conv2d(x, conv1.at(6), 2 * width, { kernel: 3 }), s.at("bn1")));
    return pool(x, s);
  };

/** A mean over 2x2 before the 1x1 convolution, which then sees every pixel (ResNet-D, Fig. 2c). */
export const averagedProjection: Shortcut = (x, s, out, stride) => {
  if (stride === 1 && channelsOf(x) === out) return x;
  const down = s.at("downsample");
  const pooled =
    stride === 1
      ? x
      : averagePool(x, { name: down.name("0"), kernel_shape: [2, 2], strides: [stride, stride], ceil_mode: 1 });
  return batchNorm2d(conv2d(pooled, down.at(1), out), down.at(2));
};

// Names and parameter names are timm's.
export const resnet18d = /* @__PURE__ */ resnetD(basicBlock, [2, 2, 2, 2]);
export const resnet34d = /* @__PURE__ */ resnetD(basicBlock, [3, 4, 6, 3]);
export const resnet50d = /* @__PURE__ */ resnetD(/* @__PURE__ */ bottleneck(), [3, 4, 6, 3]);
export const resnet101d = /* @__PURE__ */ resnetD(/* @__PURE__ */ bottleneck(), [3, 4, 23, 3]);
export const resnet152d = /* @__PURE__ */ resnetD(/* @__PURE__ */ bottleneck(), [3, 8, 36, 3]);

function resnetD(block: Block, depths: Depths) {
  return resnet(block, depths, { stem: deepStem(32), shortcut: averagedProjection });
}
