import { IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionMobilenetv3: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/mobilenetv3.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["mobilenet_v3_large.v1", "mobilenet_v3_large-8738ca79.pth", 21.114, [224, 256], [74.042, 91.34]],
        ["mobilenet_v3_large.v2", "mobilenet_v3_large-5c1a4163.pth", 21.107, [224, 232], [75.274, 92.566]],
        ["mobilenet_v3_small.v1", "mobilenet_v3_small-047dcff4.pth", 9.829, [224, 256], [67.668, 87.402]],
      ],
    },
  ],
};
