import { type Block, basicBlock, bottleneck, type Depths, resnet, stem } from "./resnet.js";

// ResNet as published (He et al. 2015, https://arxiv.org/abs/1512.03385) and as the SE paper's Caffe models and Cadene's port have it:
// the stride of a bottleneck on its first 1x1, a stem pool that is rounded up.
export const resnet18_v1 = /* @__PURE__ */ v1(basicBlock, [2, 2, 2, 2]);
export const resnet34_v1 = /* @__PURE__ */ v1(basicBlock, [3, 4, 6, 3]);
export const resnet50_v1 = /* @__PURE__ */ v1(/* @__PURE__ */ bottleneck({ stridedConv: 1 }), [3, 4, 6, 3]);
export const resnet101_v1 = /* @__PURE__ */ v1(/* @__PURE__ */ bottleneck({ stridedConv: 1 }), [3, 4, 23, 3]);
export const resnet152_v1 = /* @__PURE__ */ v1(/* @__PURE__ */ bottleneck({ stridedConv: 1 }), [3, 8, 36, 3]);

function v1(block: Block, depths: Depths) {
  return resnet(block, depths, { stem: stem({ ceil: true }) });
}
