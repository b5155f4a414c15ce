import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmGhostnet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/ghostnet.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["ghostnet_100.in1k", [224, 0.875], null, [73.958, 91.542, 224]],
        ["ghostnetv2_100.in1k", [224, 0.875], null, [75.186, 92.334, 224]],
        ["ghostnetv2_130.in1k", [224, 0.875], null, [76.746, 93.364, 224]],
        ["ghostnetv2_160.in1k", [224, 0.875], null, [77.836, 93.948, 224]],
        ["ghostnetv3_100.in1k", [224, 0.875], null, [76.936, 93.124, 224]],
      ],
    },
  ],
};
