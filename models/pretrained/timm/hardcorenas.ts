import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmHardcorenas: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/hardcorenas.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["hardcorenas_a.miil_green_in1k", [224, 0.875], null, [75.926, 92.486, 224]],
        ["hardcorenas_b.miil_green_in1k", [224, 0.875], null, [76.55, 92.766, 224]],
        ["hardcorenas_c.miil_green_in1k", [224, 0.875], null, [77.092, 93.192, 224]],
        ["hardcorenas_d.miil_green_in1k", [224, 0.875], null, [77.45, 93.48, 224]],
        ["hardcorenas_e.miil_green_in1k", [224, 0.875], null, [77.788, 93.692, 224]],
        ["hardcorenas_f.miil_green_in1k", [224, 0.875], null, [78.1, 93.8, 224]],
      ],
    },
  ],
};
