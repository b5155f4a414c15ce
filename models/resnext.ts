import { bottleneck, type Depths, resnet, stem } from "./resnet.js";

const DEPTHS_26: Depths = [2, 2, 2, 2];
const DEPTHS_50: Depths = [3, 4, 6, 3];
const DEPTHS_101: Depths = [3, 4, 23, 3];

// ResNeXt (Xie et al. 2017, https://arxiv.org/abs/1611.05431): groups x width of each in the first stage.
export const resnext50_32x4d = /* @__PURE__ */ resnext(DEPTHS_50, 32, 4);
export const resnext101_32x4d = /* @__PURE__ */ resnext(DEPTHS_101, 32, 4);
export const resnext101_32x8d = /* @__PURE__ */ resnext(DEPTHS_101, 32, 8);
export const resnext101_64x4d = /* @__PURE__ */ resnext(DEPTHS_101, 64, 4);

// As in Caffe and Cadene's port: the same units (the stride is on the 3x3 there too) behind a stem pool that is rounded up.
export const resnext26_32x4d_v1 = /* @__PURE__ */ resnext(DEPTHS_26, 32, 4, { ceil: true });
export const resnext50_32x4d_v1 = /* @__PURE__ */ resnext(DEPTHS_50, 32, 4, { ceil: true });
export const resnext101_32x4d_v1 = /* @__PURE__ */ resnext(DEPTHS_101, 32, 4, { ceil: true });

function resnext(depths: Depths, groups: number, widthPerGroup: number, { ceil = false } = {}) {
  return resnet(bottleneck({ groups, widthPerGroup }), depths, { stem: stem({ ceil }) });
}
