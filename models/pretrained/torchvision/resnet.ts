import { IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionResnet: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/resnet.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["resnet18.v1", "resnet18-f37072fd.pth", 44.661, [224, 256], [69.758, 89.078]],
        ["resnet34.v1", "resnet34-b627a593.pth", 83.275, [224, 256], [73.314, 91.42]],
        ["resnet50.v1", "resnet50-0676ba61.pth", 97.781, [224, 256], [76.13, 92.862]],
        ["resnet50.v2", "resnet50-11ad3fa6.pth", 97.79, [224, 232], [80.858, 95.434]],
        ["resnet101.v1", "resnet101-63fe2227.pth", 170.511, [224, 256], [77.374, 93.546]],
        ["resnet101.v2", "resnet101-cd907fc2.pth", 170.53, [224, 232], [81.886, 95.78]],
        ["resnet152.v1", "resnet152-394f9c45.pth", 230.434, [224, 256], [78.312, 94.046]],
        ["resnet152.v2", "resnet152-f82ba261.pth", 230.474, [224, 232], [82.284, 96.002]],
        ["resnext50_32x4d.v1", "resnext50_32x4d-7cdf4587.pth", 95.789, [224, 256], [77.618, 93.698]],
        ["resnext50_32x4d.v2", "resnext50_32x4d-1a0047aa.pth", 95.833, [224, 232], [81.198, 95.34]],
        ["resnext101_32x8d.v1", "resnext101_32x8d-8ba56ff5.pth", 339.586, [224, 256], [79.312, 94.526]],
        ["resnext101_32x8d.v2", "resnext101_32x8d-110c445d.pth", 339.673, [224, 232], [82.834, 96.228]],
        ["resnext101_64x4d.v1", "resnext101_64x4d-173b62eb.pth", 319.318, [224, 232], [83.246, 96.454]],
      ],
    },
  ],
};
