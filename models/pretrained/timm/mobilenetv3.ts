import { HALVES, IMAGENET, UNCHANGED } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmMobilenetv3: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/mobilenetv3.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["mobilenetv3_large_100.ra_in1k", [224, 0.875], null, [75.784, 92.528, 224]],
        ["mobilenetv3_small_050.lamb_in1k", [224, 0.875], null, [57.918, 80.144, 224]],
        ["mobilenetv3_small_075.lamb_in1k", [224, 0.875], null, [65.284, 85.462, 224]],
        ["mobilenetv3_small_100.lamb_in1k", [224, 0.875], null, [67.636, 87.638, 224]],
        ["mobilenetv3_rw.rmsp_in1k", [224, 0.875], null, [75.616, 92.696, 224]],
        ["lcnet_050.ra2_in1k", [224, 0.875], null, [63.138, 84.402, 224]],
        ["lcnet_075.ra2_in1k", [224, 0.875], null, [68.786, 88.384, 224]],
        ["lcnet_100.ra2_in1k", [224, 0.875], null, [72.13, 90.376, 224]],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: HALVES,
      checkpoints: [["mobilenetv3_large_100.ra4_e3600_r224_in1k", [224, 0.95], [256, 1], [77.182, 93.328, 256]]],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bilinear",
      meanStd: UNCHANGED,
      checkpoints: [
        ["mobilenetv3_large_100.miil_in21k_ft_in1k", [224, 0.875], null, [77.92, 92.894, 224]],
        ["mobilenetv3_large_100.miil_in21k", [224, 0.875], null, null, { classes: 11221 }],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bilinear",
      meanStd: HALVES,
      checkpoints: [
        ["mobilenetv3_large_150d.ra4_e3600_r256_in1k", [256, 0.95], [320, 1], [81.832, 95.878, 320]],
        ["tf_mobilenetv3_large_075.in1k", [224, 0.875], null, [73.442, 91.332, 224]],
        ["tf_mobilenetv3_large_100.in1k", [224, 0.875], null, [75.51, 92.6, 224]],
        ["tf_mobilenetv3_small_075.in1k", [224, 0.875], null, [65.706, 86.13, 224]],
        ["tf_mobilenetv3_small_100.in1k", [224, 0.875], null, [67.922, 87.686, 224]],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["fbnetv3_b.ra2_in1k", [224, 0.95], [256, 0.95], [79.154, 94.732, 256]],
        ["fbnetv3_d.ra2_in1k", [224, 0.95], [256, 0.95], [79.682, 94.952, 256]],
        ["fbnetv3_g.ra2_in1k", [240, 0.95], [288, 0.95], [82.034, 96.064, 288]],
      ],
    },
  ],
};
