import { UNCHANGED } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmTresnet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/tresnet.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bilinear",
      meanStd: UNCHANGED,
      checkpoints: [
        ["tresnet_m.miil_in21k_ft_in1k", [224, 0.875], null, [83.09, 96.112, 224]],
        ["tresnet_m.miil_in21k", [224, 0.875], null, null, { classes: 11221 }],
        ["tresnet_m.miil_in1k", [224, 0.875], null, [80.816, 94.862, 224]],
        ["tresnet_m.miil_in1k_448", [448, 0.875], null, [81.71, 95.562, 448]],
        ["tresnet_l.miil_in1k", [224, 0.875], null, [81.498, 95.652, 224]],
        ["tresnet_l.miil_in1k_448", [448, 0.875], null, [82.278, 95.988, 448]],
        ["tresnet_xl.miil_in1k", [224, 0.875], null, [82.06, 95.932, 224]],
        ["tresnet_xl.miil_in1k_448", [448, 0.875], null, [83.066, 96.18, 448]],
        ["tresnet_v2_l.miil_in21k_ft_in1k", [224, 0.875], null, [83.91, 96.492, 224]],
        ["tresnet_v2_l.miil_in21k", [224, 0.875], null, null, { classes: 11221 }],
      ],
    },
  ],
};
