import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmRepghost: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/repghost.py",
  groups: [
    {
      licence: "MIT",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["repghostnet_050.in1k", [224, 0.875], null, [66.978, 86.936, 224]],
        ["repghostnet_058.in1k", [224, 0.875], null, [68.938, 88.386, 224]],
        ["repghostnet_080.in1k", [224, 0.875], null, [72.24, 90.492, 224]],
        ["repghostnet_100.in1k", [224, 0.875], null, [74.208, 91.55, 224]],
        ["repghostnet_111.in1k", [224, 0.875], null, [75.06, 92.196, 224]],
        ["repghostnet_130.in1k", [224, 0.875], null, [76.378, 92.898, 224]],
        ["repghostnet_150.in1k", [224, 0.875], null, [77.474, 93.496, 224]],
        ["repghostnet_200.in1k", [224, 0.875], null, [78.802, 94.332, 224]],
      ],
    },
  ],
};
