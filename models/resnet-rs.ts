import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d } from "../src/graph/layers.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { bottleneck, type Depths, resnet } from "./resnet.js";
import { averagedProjection, deepStem } from "./resnet-d.js";
import { TIMM_SE } from "./timm-se.js";

const SE: OwnSqueezeExcite = { ...TIMM_SE, r: 4 };

// ResNet-RS (Bello et al. 2021, https://arxiv.org/abs/2103.07579) with timm's parameter names and input sizes.
export const resnetrs50 = /* @__PURE__ */ resnetRs([3, 4, 6, 3], 160);
export const resnetrs101 = /* @__PURE__ */ resnetRs([3, 4, 23, 3], 192);
export const resnetrs152 = /* @__PURE__ */ resnetRs([3, 8, 36, 3], 256);
export const resnetrs200 = /* @__PURE__ */ resnetRs([3, 24, 36, 3], 256);
export const resnetrs270 = /* @__PURE__ */ resnetRs([4, 29, 53, 4], 256);
export const resnetrs350 = /* @__PURE__ */ resnetRs([4, 36, 72, 4], 288);
export const resnetrs420 = /* @__PURE__ */ resnetRs([4, 44, 87, 4], 320);

function resnetRs(depths: Depths, size: number): Architecture {
  const stem = deepStem(32, { pool: stridedConv });
  return resnet(bottleneck(), depths, { size, stem, shortcut: averagedProjection, se: SE });
}

/** A 3x3 convolution at stride 2 where ResNet has its stem pool, whose name it keeps. */
function stridedConv(x: Value, s: Scope): Value {
  const pool = s.at("maxpool");
  return relu(batchNorm2d(conv2d(x, pool.at(0), channelsOf(x), { kernel: 3, stride: 2 }), pool.at(1)));
}
