import { IMAGENET } from "../mean-std.js";
import type { TorchvisionFile } from "./torchvision.js";

// Written by tools/catalogue_torchvision.py.
export const torchvisionRegnet: TorchvisionFile = {
  commit: "f12281517f1b2f6255904639b027c9436f3e5008",
  file: "torchvision/models/regnet.py",
  groups: [
    {
      licence: null,
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        ["regnet_y_400mf.v1", "regnet_y_400mf-c65dace8.pth", 16.806, [224, 256], [74.046, 91.716]],
        ["regnet_y_400mf.v2", "regnet_y_400mf-e6988f5f.pth", 16.806, [224, 232], [75.804, 92.742]],
        ["regnet_y_800mf.v1", "regnet_y_800mf-1b27b58c.pth", 24.774, [224, 256], [76.42, 93.136]],
        ["regnet_y_800mf.v2", "regnet_y_800mf-58fc7688.pth", 24.774, [224, 232], [78.828, 94.502]],
        ["regnet_y_1_6gf.v1", "regnet_y_1_6gf-b11a554e.pth", 43.152, [224, 256], [77.95, 93.966]],
        ["regnet_y_1_6gf.v2", "regnet_y_1_6gf-0d7bc02a.pth", 43.152, [224, 232], [80.876, 95.444]],
        ["regnet_y_3_2gf.v1", "regnet_y_3_2gf-b5a9779c.pth", 74.567, [224, 256], [78.948, 94.576]],
        ["regnet_y_3_2gf.v2", "regnet_y_3_2gf-9180c971.pth", 74.567, [224, 232], [81.982, 95.972]],
        ["regnet_y_8gf.v1", "regnet_y_8gf-d0d0e4a8.pth", 150.701, [224, 256], [80.032, 95.048]],
        ["regnet_y_8gf.v2", "regnet_y_8gf-dc2b1b54.pth", 150.701, [224, 232], [82.828, 96.33]],
        ["regnet_y_16gf.v1", "regnet_y_16gf-9e6ed7dd.pth", 319.49, [224, 256], [80.424, 95.24]],
        ["regnet_y_16gf.v2", "regnet_y_16gf-3e4a00f9.pth", 319.49, [224, 232], [82.886, 96.328]],
        ["regnet_y_32gf.v1", "regnet_y_32gf-4dee3f7a.pth", 554.076, [224, 256], [80.878, 95.34]],
        ["regnet_y_32gf.v2", "regnet_y_32gf-8db6d4b5.pth", 554.076, [224, 232], [83.368, 96.498]],
      ],
    },
    {
      licence: "CC-BY-NC-4.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        ["regnet_y_16gf.swag_e2e_v1", "regnet_y_16gf_swag-43afe44d.pth", 319.49, [384, 384], [86.012, 98.054]],
        ["regnet_y_16gf.swag_linear_v1", "regnet_y_16gf_lc_swag-f3ec0043.pth", 319.49, [224, 224], [83.976, 97.244]],
        ["regnet_y_32gf.swag_e2e_v1", "regnet_y_32gf_swag-04fdfa75.pth", 554.076, [384, 384], [86.838, 98.362]],
        ["regnet_y_32gf.swag_linear_v1", "regnet_y_32gf_lc_swag-e1583746.pth", 554.076, [224, 224], [84.622, 97.48]],
        ["regnet_y_128gf.swag_e2e_v1", "regnet_y_128gf_swag-c8ce3e52.pth", 2461.564, [384, 384], [88.228, 98.682]],
        [
          "regnet_y_128gf.swag_linear_v1",
          "regnet_y_128gf_lc_swag-cbe8ce12.pth",
          2461.564,
          [224, 224],
          [86.068, 97.844],
        ],
      ],
    },
  ],
};
