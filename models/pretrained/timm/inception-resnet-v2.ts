import { HALVES } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmInceptionResnetV2: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/inception_resnet_v2.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: HALVES,
      checkpoints: [
        ["inception_resnet_v2.tf_in1k", [299, 0.8975], null, [80.434, 95.312, 299]],
        ["inception_resnet_v2.tf_ens_adv_in1k", [299, 0.8975], null, [79.998, 94.94, 299]],
      ],
    },
  ],
};
