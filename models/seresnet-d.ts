import { GraphError, type Value } from "../src/graph/graph.js";
import { averagePool } from "../src/graph/ops/average-pool.js";
import type { Scope } from "../src/graph/scope.js";
import { isRanked } from "../src/graph/type.js";
import type { Architecture } from "./architecture.js";
import { type BottleneckOptions, bottleneck, type Depths, resnet } from "./resnet.js";
import { averagedProjection, type DeepStemOptions, deepStem } from "./resnet-d.js";
import { TIMM_SE } from "./timm-se.js";

interface SeResNetDOptions extends BottleneckOptions, DeepStemOptions {
  /** Channels of the stem's second convolution. */
  readonly width?: number;
  /** Pixels on each side. */
  readonly size?: number;
}
const X26: Depths = [2, 2, 2, 2];
const X101: Depths = [3, 4, 23, 3];

// timm's names for its SE in ResNet-D and ResNeXt-D, with its input sizes.
export const seresnet152d = /* @__PURE__ */ seresnetD([3, 8, 36, 3], { size: 256 });
export const seresnext26d_32x4d = /* @__PURE__ */ seresnetD(X26, { groups: 32, widthPerGroup: 4 });
/** "t" is for a stem in tiers: 24, 32 and 64 channels. */
export const seresnext26t_32x4d = /* @__PURE__ */ seresnetD(X26, { groups: 32, widthPerGroup: 4, first: 24 });
export const seresnext101d_32x8d = /* @__PURE__ */ seresnetD(X101, { groups: 32, widthPerGroup: 8 });

// "aa" is for anti-aliased: means of 2x2 halve the size, everywhere.
export const seresnextaa101d_32x8d = /* @__PURE__ */ seresnextAa(X101, { size: 288 });
export const seresnextaa201d_32x8d = /* @__PURE__ */ seresnextAa([3, 24, 36, 4], { size: 384, width: 64 });

function seresnetD(depths: Depths, { width = 32, size = 224, ...options }: SeResNetDOptions): Architecture {
  const stem = deepStem(width, options);
  return resnet(bottleneck(options), depths, { size, stem, shortcut: averagedProjection, se: TIMM_SE });
}

function seresnextAa(depths: Depths, options: { size: number; width?: number }): Architecture {
  return seresnetD(depths, { groups: 32, widthPerGroup: 8, halve, pool: meanPool, ...options });
}

/** x [N,C,H,W] -> [N,C,floor(H/2),floor(W/2)] */
function meanPool(x: Value): Value {
  return averagePool(x, { name: "maxpool", kernel_shape: [2, 2], strides: [2, 2] });
}

/**
 * The mean over 2x2 of x [N,C,H,W] (Zhang 2019, https://arxiv.org/abs/1904.11486, with a box for the filter), H and W even: of an odd length it
 * would drop the end, which the shortcut keeps.
 */
function halve(x: Value, s: Scope): Value {
  const sides = isRanked(x.type) ? x.type.shape.slice(2) : [];
  if (sides.some((side) => typeof side === "number" && side % 2))
    throw new GraphError(
      `'${s.path}' cannot halve a map of ${sides.join("x")}: choose an input size that is a multiple of 32`,
    );
  return averagePool(x, { name: s.path, kernel_shape: [2, 2], strides: [2, 2] });
}
