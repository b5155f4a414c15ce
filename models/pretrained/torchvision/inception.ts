import { HALVES } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
// torchvision's network takes ImageNet's mean and deviation and goes over to halves itself: x (std / 0.5) + (mean - 0.5) / 0.5.
// The network here takes halves from the first.
export const torchvisionInception: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/inception.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: HALVES,
      checkpoints: [["inception_v3.v1", "inception_v3_google-0cc3c7bd.pth", 103.903, [299, 342], [77.294, 93.45]]],
    },
  ],
};
