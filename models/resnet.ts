import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { maxPool } from "../src/graph/ops/max-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture, Excite, OwnSqueezeExcite } from "./architecture.js";
import { BRANCH_GAMMA } from "./conv-norm.js";

export interface BlockOptions {
  /** Channels of the stage before expansion. */
  readonly planes: number;
  readonly stride: number;
  readonly stage: number;
  readonly excite: Excite;
  readonly shortcut: Shortcut;
}
export interface Block {
  /** SE's places around a residual unit (Hu et al. v4, Fig. 5 and section 6.5): on the branch, before it, after the sum, beside it, and within. */
  readonly places: readonly string[];
  readonly build: (x: Value, s: Scope, options: BlockOptions) => Value;
}
/** x as the sum needs it: `out` channels at `stride`. */
export type Shortcut = (x: Value, s: Scope, out: number, stride: number) => Value;

/** relu(branch(x) + shortcut(x)) with SE where it is wanted. */
export function residual(
  x: Value,
  s: Scope,
  options: BlockOptions & { out: number },
  branch: (x: Value) => Value,
): Value {
  const { out, stride, stage, excite, shortcut } = options;
  const at = (y: Value, place: string): Value => excite(y, s.at("se"), { stage, places: [place] });
  const y = at(branch(at(x, "pre")), "standard");
  const skip = at(shortcut(x, s, out, stride), "identity");
  return at(relu(add(y, skip, { name: s.name("add") }), { name: s.path }), "post");
}

/** Two 3x3 convolutions (He et al. 2015, https://arxiv.org/abs/1512.03385, Fig. 5 left). */
export const basicBlock: Block = {
  places: ["standard", "pre", "post", "identity", "relu"],
  build: (x, s, options) =>
    residual(x, s, { ...options, out: options.planes }, (x) => {
      const { planes, stride, stage, excite } = options;
      let y = relu(batchNorm2d(conv2d(x, s.at("conv1"), planes, { kernel: 3, stride }), s.at("bn1")));
      y = batchNorm2d(conv2d(y, s.at("conv2"), planes, { kernel: 3 }), s.at("bn2"), { gamma: BRANCH_GAMMA });
      return excite(y, s.at("se"), { stage, places: ["relu"], first: relu });
    }),
};

export interface BottleneckOptions {
  readonly groups?: number;
  readonly widthPerGroup?: number;
  /** Which convolution has the stride: the 3x3 as in torchvision ("v1.5"), or the first 1x1 as in the paper and Caffe ("v1"). */
  readonly stridedConv?: 1 | 2;
  /** By how much the first 1x1 is narrower than the 3x3. */
  readonly reduceFirst?: number;
  /** Halves the size of what the 3x3 makes, which then has stride 1. */
  readonly halve?: (x: Value, s: Scope) => Value;
}
/** 1x1, 3x3 in `groups` groups, 1x1 (Fig. 5 right; with groups ResNeXt's, Xie et al. 2017, https://arxiv.org/abs/1611.05431). */
export const bottleneck = ({
  groups = 1,
  widthPerGroup = 64,
  stridedConv = 2,
  reduceFirst = 1,
  halve,
}: BottleneckOptions = {}): Block => ({
  places: ["standard", "pre", "post", "identity", "3x3"],
  build(x, s, options) {
    const { planes, stride, stage, excite } = options;
    const width = Math.floor((planes * widthPerGroup) / 64) * groups;
    const out = planes * 4;
    return residual(x, s, { ...options, out }, (x) => {
      const [first, second] = stridedConv === 1 ? ([stride, 1] as const) : ([1, stride] as const);
      const apart = second > 1 ? halve : undefined;
      const conv2 = { kernel: 3, stride: apart ? 1 : second, groups };
      let y = relu(batchNorm2d(conv2d(x, s.at("conv1"), width / reduceFirst, { stride: first }), s.at("bn1")));
      y = relu(batchNorm2d(conv2d(y, s.at("conv2"), width, conv2), s.at("bn2")));
      if (apart) y = apart(y, s.at("aa"));
      y = excite(y, s.at("se"), { stage, places: ["3x3"] });
      return batchNorm2d(conv2d(y, s.at("conv3"), out), s.at("bn3"), { gamma: BRANCH_GAMMA });
    });
  },
});

/** Identity, or a 1x1 convolution where the shape changes. */
export const projection: Shortcut = (x, s, out, stride) => {
  if (stride === 1 && channelsOf(x) === out) return x;
  const down = s.at("downsample");
  return batchNorm2d(conv2d(x, down.at(0), out, { stride }), down.at(1));
};

/** 7x7 convolution and pool, a quarter of the size. `ceil`: the pool's windows start at 0, as in Caffe, and not at -1. */
export const stem =
  ({ ceil = false } = {}) =>
  (image: Value, s: Scope): Value =>
    stemPool(relu(batchNorm2d(conv2d(image, s.at("conv1"), 64, { kernel: 7, stride: 2 }), s.at("bn1"))), { ceil });

/** 3x3 pool at stride 2: padded by 1, or, as Caffe's, not padded and rounded up: 112 -> 56 both ways, with other windows. */
export const stemPool = (x: Value, { ceil = false } = {}): Value =>
  maxPool(x, {
    name: "maxpool",
    kernel_shape: [3, 3],
    strides: [2, 2],
    ...(ceil ? { ceil_mode: 1 } : { pads: [1, 1, 1, 1] }),
  });

/** Blocks a stage, conv2_x to conv5_x. */
export type Depths = readonly [number, number, number, number];

export interface ResNetOptions {
  /** Pixels on each side; 224 unless given. */
  readonly size?: number;
  readonly stem?: (image: Value, s: Scope) => Value;
  readonly shortcut?: Shortcut;
  readonly se?: OwnSqueezeExcite;
}

export const resnet = (block: Block, depths: Depths, options: ResNetOptions = {}): Architecture => {
  const { size = 224, stem: first = stem(), shortcut = projection, se } = options;
  return {
    input: { size, min: 32 },
    stages: [2, 3, 4, 5],
    places: block.places,
    ...(se && { se }),
    build(image, s, { classes, excite, feature }) {
      let x = first(image, s);
      depths.forEach((depth, i) => {
        const layer = `layer${i + 1}`;
        for (let j = 0; j < depth; j++) {
          const stride = i > 0 && j === 0 ? 2 : 1;
          x = block.build(x, s.at(layer).at(j), { planes: 64 << i, stride, stage: i + 2, excite, shortcut });
        }
        x = feature(layer, x);
      });
      const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
      return classes ? linear(pooled, s.at("fc"), classes) : pooled;
    },
  };
};

export const resnet18 = /* @__PURE__ */ resnet(basicBlock, [2, 2, 2, 2]);
export const resnet34 = /* @__PURE__ */ resnet(basicBlock, [3, 4, 6, 3]);
export const resnet50 = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(), [3, 4, 6, 3]);
export const resnet101 = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(), [3, 4, 23, 3]);
export const resnet152 = /* @__PURE__ */ resnet(/* @__PURE__ */ bottleneck(), [3, 8, 36, 3]);
