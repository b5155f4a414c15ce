import { HALVES, IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmByobnet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/byobnet.py",
  groups: [
    {
      licence: "MIT",
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [["repvgg_d2se.rvgg_in1k", [320, 1], null, [83.55, 96.666, 320]]],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["seresnext26ts.ch_in1k", [256, 0.9], [288, 1], [78.292, 94.076, 288]],
        ["seresnet33ts.ra2_in1k", [256, 0.9], [288, 1], [80.814, 95.346, 288]],
        ["test_byobnet.r160_in1k", [160, 0.95], null, [45.858, 71.004, 160]],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: HALVES,
      checkpoints: [
        ["regnetz_b16.ra3_in1k", [224, 0.94], [288, 1], [80.74, 95.528, 288]],
        ["regnetz_c16.ra3_in1k", [256, 0.94], [320, 1], [82.662, 96.332, 320]],
        ["regnetz_d32.ra3_in1k", [256, 0.95], [320, 0.95], [84.028, 96.872, 320]],
        ["regnetz_d8.ra3_in1k", [256, 0.94], [320, 1], [84.044, 97.004, 320]],
        ["regnetz_e8.ra3_in1k", [256, 0.94], [320, 1], [85.016, 97.278, 320]],
        ["regnetz_c16_evos.ch_in1k", [256, 0.95], [320, 0.95], [82.66, 96.48, 320]],
        ["regnetz_d8_evos.ch_in1k", [256, 0.95], [320, 1], [84.138, 97.018, 320]],
      ],
    },
    {
      licence: "mobileone-license",
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [["mobileone_s4.apple_in1k", [224, 0.9], null, [79.446, 94.49, 224]]],
    },
  ],
};
