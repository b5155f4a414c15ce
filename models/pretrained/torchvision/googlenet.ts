import { HALVES } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
// torchvision's network takes ImageNet's mean and deviation and goes over to halves itself: x (std / 0.5) + (mean - 0.5) / 0.5.
// The network here takes halves from the first.
export const torchvisionGooglenet: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/googlenet.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: HALVES,
      checkpoints: [["googlenet.v1", "googlenet-1378be20.pth", 49.731, [224, 256], [69.778, 89.53]]],
    },
  ],
};
