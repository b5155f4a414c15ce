import { IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionMobilenetv2: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/mobilenetv2.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["mobilenet_v2.v1", "mobilenet_v2-b0353104.pth", 13.555, [224, 256], [71.878, 90.286]],
        ["mobilenet_v2.v2", "mobilenet_v2-7ebf99e0.pth", 13.598, [224, 232], [72.154, 90.822]],
      ],
    },
  ],
};
