import { HALVES, IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmVovnet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/vovnet.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["ese_vovnet19b_dw.ra_in1k", [224, 0.875], [288, 0.95], [77.788, 93.772, 288]],
        ["ese_vovnet39b.ra_in1k", [224, 0.875], [288, 0.95], [80.378, 95.36, 288]],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: HALVES,
      checkpoints: [["ese_vovnet57b.ra4_e3600_r256_in1k", [256, 0.95], [320, 1], [83.298, 96.522, 320]]],
    },
  ],
};
