import { IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionShufflenetv2: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/shufflenetv2.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["shufflenet_v2_x0_5.v1", "shufflenetv2_x0.5-f707e7126e.pth", 5.282, [224, 256], [60.552, 81.746]],
        ["shufflenet_v2_x1_0.v1", "shufflenetv2_x1-5666bf0f80.pth", 8.791, [224, 256], [69.362, 88.316]],
        ["shufflenet_v2_x1_5.v1", "shufflenetv2_x1_5-3c479a10.pth", 13.557, [224, 232], [72.996, 91.086]],
        ["shufflenet_v2_x2_0.v1", "shufflenetv2_x2_0-8be3c8ee.pth", 28.433, [224, 232], [76.23, 93.006]],
      ],
    },
  ],
};
