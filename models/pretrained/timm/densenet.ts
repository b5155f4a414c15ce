import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmDensenet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/densenet.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["densenet121.ra_in1k", [224, 0.875], [288, 0.95], [76.486, 93.378, 288]],
        ["densenet121.tv_in1k", [224, 0.875], null, [74.75, 92.158, 224]],
      ],
    },
  ],
};
