import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmVgg: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/vgg.py",
  groups: [
    {
      licence: "BSD-3-Clause",
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["vgg11.tv_in1k", [224, 0.875], null, [69.05, 88.63, 224]],
        ["vgg11_bn.tv_in1k", [224, 0.875], null, [70.374, 89.802, 224]],
        ["vgg13.tv_in1k", [224, 0.875], null, [69.95, 89.262, 224]],
        ["vgg13_bn.tv_in1k", [224, 0.875], null, [71.56, 90.372, 224]],
        ["vgg16.tv_in1k", [224, 0.875], null, [71.594, 90.398, 224]],
        ["vgg16_bn.tv_in1k", [224, 0.875], null, [73.354, 91.49, 224]],
        ["vgg19.tv_in1k", [224, 0.875], null, [72.4, 90.878, 224]],
        ["vgg19_bn.tv_in1k", [224, 0.875], null, [74.23, 91.848, 224]],
      ],
    },
  ],
};
