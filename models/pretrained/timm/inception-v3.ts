import { HALVES, IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmInceptionV3: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/inception_v3.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: HALVES,
      checkpoints: [
        ["inception_v3.tv_in1k", [299, 0.875], null, [77.472, 93.468, 299]],
        ["inception_v3.tf_in1k", [299, 0.875], null, [77.866, 93.644, 299]],
        ["inception_v3.tf_adv_in1k", [299, 0.875], null, [77.598, 93.726, 299]],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [["inception_v3.gluon_in1k", [299, 0.875], null, [78.806, 94.372, 299]]],
    },
  ],
};
