import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { maxPool } from "../src/graph/ops/max-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture, Excite } from "./architecture.js";

/** Where the scale of a branch's last normalisation starts, so that random networks of any depth keep their activations near 1. */
const BRANCH_GAMMA = 0.5;

interface BlockOptions {
  /** Channels of the stage before expansion. */
  readonly planes: number;
  readonly stride: number;
  readonly stage: number;
  readonly excite: Excite;
}
type Block = (x: Value, s: Scope, options: BlockOptions) => Value;

/** Two 3x3 convolutions (He et al. 2015, https://arxiv.org/abs/1512.03385, Fig. 5 left), SE before the sum. */
const basicBlock: Block = (x, s, { planes, stride, stage, excite }) => {
  let y = relu(batchNorm2d(conv2d(x, s.at("conv1"), planes, { kernel: 3, stride }), s.at("bn1")));
  y = batchNorm2d(conv2d(y, s.at("conv2"), planes, { kernel: 3 }), s.at("bn2"), { gamma: BRANCH_GAMMA });
  y = excite(y, s.at("se"), stage);
  return joined(y, shortcut(x, s, planes, stride), s);
};

/**
 * 1x1, 3x3 in `groups` groups, 1x1 (Fig. 5 right; with groups ResNeXt's, Xie et al. 2017, https://arxiv.org/abs/1611.05431), the stride on the
 * 3x3 as in torchvision ("v1.5"), SE before the sum.
 */
const bottleneck =
  (groups = 1, widthPerGroup = 64): Block =>
  (x, s, { planes, stride, stage, excite }) => {
    const width = Math.floor((planes * widthPerGroup) / 64) * groups;
    const out = planes * 4;
    let y = relu(batchNorm2d(conv2d(x, s.at("conv1"), width), s.at("bn1")));
    y = relu(batchNorm2d(conv2d(y, s.at("conv2"), width, { kernel: 3, stride, groups }), s.at("bn2")));
    y = batchNorm2d(conv2d(y, s.at("conv3"), out), s.at("bn3"), { gamma: BRANCH_GAMMA });
    y = excite(y, s.at("se"), stage);
    return joined(y, shortcut(x, s, out, stride), s);
  };

const joined = (y: Value, skip: Value, s: Scope): Value =>
  relu(add(y, skip, { name: s.name("add") }), { name: s.path });

function shortcut(x: Value, s: Scope, out: number, stride: number): Value {
  if (stride === 1 && channelsOf(x) === out) return x;
  const down = s.at("downsample");
  return batchNorm2d(conv2d(x, down.at(0), out, { stride }), down.at(1));
}

/** Blocks a stage, conv2_x to conv5_x. */
type Depths = readonly [number, number, number, number];

const resnet = (block: Block, depths: Depths): Architecture => ({
  input: { size: 224, min: 32 },
  stages: [2, 3, 4, 5],
  build(image, s, { classes, excite }) {
    let x = relu(batchNorm2d(conv2d(image, s.at("conv1"), 64, { kernel: 7, stride: 2 }), s.at("bn1")));
    x = maxPool(x, { name: "maxpool", kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    depths.forEach((depth, i) => {
      for (let j = 0; j < depth; j++) {
        const stride = i > 0 && j === 0 ? 2 : 1;
        x = block(x, s.at(`layer${i + 1}`).at(j), { planes: 64 << i, stride, stage: i + 2, excite });
      }
    });
    return linear(flatten(globalAveragePool(x, { name: "avgpool" })), s.at("fc"), classes);
  },
});

export const resnet18 = /* @__PURE__ */ resnet(basicBlock, [2, 2, 2, 2]);
export const resnet34 = /* @__PURE__ */ resnet(basicBlock, [3, 4, 6, 3]);
export const resnet50 = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(), [3, 4, 6, 3]);
export const resnet101 = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(), [3, 4, 23, 3]);
export const resnet152 = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(), [3, 8, 36, 3]);
export const resnext50_32x4d = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(32, 4), [3, 4, 6, 3]);
export const resnext101_32x4d = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(32, 4), [3, 4, 23, 3]);
export const resnext101_32x8d = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(32, 8), [3, 4, 23, 3]);
export const resnext101_64x4d = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(64, 4), [3, 4, 23, 3]);
