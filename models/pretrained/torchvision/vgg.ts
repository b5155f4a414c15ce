import { IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionVgg: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/vgg.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["vgg11.v1", "vgg11-8a719046.pth", 506.84, [224, 256], [69.02, 88.628]],
        ["vgg11_bn.v1", "vgg11_bn-6002323d.pth", 506.881, [224, 256], [70.37, 89.81]],
        ["vgg13.v1", "vgg13-19584684.pth", 507.545, [224, 256], [69.928, 89.246]],
        ["vgg13_bn.v1", "vgg13_bn-abd245e5.pth", 507.59, [224, 256], [71.586, 90.374]],
        ["vgg16.v1", "vgg16-397923af.pth", 527.796, [224, 256], [71.592, 90.382]],
        ["vgg16_bn.v1", "vgg16_bn-6c64b313.pth", 527.866, [224, 256], [73.36, 91.516]],
        ["vgg19.v1", "vgg19-dcbb9e9d.pth", 548.051, [224, 256], [72.376, 90.876]],
        ["vgg19_bn.v1", "vgg19_bn-c79401a0.pth", 548.143, [224, 256], [74.218, 91.842]],
      ],
    },
  ],
};
