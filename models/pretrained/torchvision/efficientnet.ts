import { HALVES, IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionEfficientnet: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/efficientnet.py",
  groups: [
    {
      licence: null,
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["efficientnet_b0.v1", "efficientnet_b0_rwightman-7f5810bc.pth", 20.451, [224, 256], [77.692, 93.532]],
        ["efficientnet_b1.v1", "efficientnet_b1_rwightman-bac287d4.pth", 30.134, [240, 256], [78.642, 94.186]],
        ["efficientnet_b2.v1", "efficientnet_b2_rwightman-c35c1473.pth", 35.174, [288, 288], [80.608, 95.31]],
        ["efficientnet_b3.v1", "efficientnet_b3_rwightman-b3899882.pth", 47.184, [300, 320], [82.008, 96.054]],
        ["efficientnet_b4.v1", "efficientnet_b4_rwightman-23ab8bcd.pth", 74.489, [380, 384], [83.384, 96.594]],
        ["efficientnet_b5.v1", "efficientnet_b5_lukemelas-1a07897c.pth", 116.864, [456, 456], [83.444, 96.628]],
        ["efficientnet_b6.v1", "efficientnet_b6_lukemelas-24a108a5.pth", 165.362, [528, 528], [84.008, 96.916]],
        ["efficientnet_b7.v1", "efficientnet_b7_lukemelas-c5b4e57e.pth", 254.675, [600, 600], [84.122, 96.908]],
      ],
    },
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["efficientnet_b1.v2", "efficientnet_b1-c27df63c.pth", 30.136, [240, 255], [79.838, 94.934]],
        ["efficientnet_v2_s.v1", "efficientnet_v2_s-dd5fe13b.pth", 82.704, [384, 384], [84.228, 96.878]],
        ["efficientnet_v2_m.v1", "efficientnet_v2_m-dc08266a.pth", 208.01, [480, 480], [85.112, 97.156]],
      ],
    },
    {
      licence: null,
      interpolation: "bicubic",
      meanStd: HALVES,
      checkpoints: [["efficientnet_v2_l.v1", "efficientnet_v2_l-59c71312.pth", 454.573, [480, 480], [85.808, 97.788]]],
    },
  ],
};
