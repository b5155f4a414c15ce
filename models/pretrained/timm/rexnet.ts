import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmRexnet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/rexnet.py",
  groups: [
    {
      licence: "MIT",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["rexnet_100.nav_in1k", [224, 0.875], null, [77.862, 93.89, 224]],
        ["rexnet_130.nav_in1k", [224, 0.875], null, [79.492, 94.68, 224]],
        ["rexnet_150.nav_in1k", [224, 0.875], null, [80.322, 95.164, 224]],
        ["rexnet_200.nav_in1k", [224, 0.875], null, [81.636, 95.672, 224]],
        ["rexnet_300.nav_in1k", [224, 0.875], null, [82.78, 96.23, 224]],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["rexnetr_200.sw_in12k_ft_in1k", [224, 0.95], [288, 1], [83.16, 96.646, 288]],
        ["rexnetr_200.sw_in12k", [224, 0.95], [288, 1], null, { classes: 11821 }],
        ["rexnetr_300.sw_in12k_ft_in1k", [224, 0.95], [288, 1], [84.582, 97.278, 288]],
        ["rexnetr_300.sw_in12k", [224, 0.95], [288, 1], null, { classes: 11821 }],
      ],
    },
  ],
};
