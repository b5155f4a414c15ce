import { IMAGENET } from "../mean-std.js";
import type { TimmFile } from "./timm.js";

// Written by tools/catalogue_timm.py.
export const timmSenet: TimmFile = {
  commit: "aa4b5850c1543fa488abf260f18390eda46cf85d",
  file: "timm/models/senet.py",
  groups: [
    {
      licence: "Apache-2.0",
      interpolation: "bicubic",
      meanStd: IMAGENET,
      checkpoints: [
        [
          "legacy_seresnet18.in1k",
          [224, 0.875],
          null,
          [71.742, 90.34, 224],
          { release: "v0.1-weights/seresnet18-4bb0ce65.pth" },
        ],
        [
          "legacy_seresnext26_32x4d.in1k",
          [224, 0.875],
          null,
          [77.1, 93.332, 224],
          { release: "v0.1-weights/seresnext26_32x4d-65ebdb501.pth" },
        ],
      ],
    },
    {
      licence: "Apache-2.0",
      interpolation: "bilinear",
      meanStd: IMAGENET,
      checkpoints: [
        [
          "legacy_seresnet34.in1k",
          [224, 0.875],
          null,
          [74.788, 92.134, 224],
          { release: "v0.1-weights/seresnet34-a4004e63.pth" },
        ],
        [
          "legacy_seresnet50.in1k",
          [224, 0.875],
          null,
          [77.65, 93.732, 224],
          { release: "v0.1-cadene/se_resnet50-ce0d4300.pth" },
        ],
        [
          "legacy_seresnet101.in1k",
          [224, 0.875],
          null,
          [78.37, 94.264, 224],
          { release: "v0.1-cadene/se_resnet101-7e38fcc6.pth" },
        ],
        [
          "legacy_seresnet152.in1k",
          [224, 0.875],
          null,
          [78.662, 94.37, 224],
          { release: "v0.1-cadene/se_resnet152-d17c99b7.pth" },
        ],
        [
          "legacy_senet154.in1k",
          [224, 0.875],
          null,
          [81.32, 95.502, 224],
          { release: "v0.1-weights/legacy_senet154-e9eb9fe6.pth" },
        ],
        [
          "legacy_seresnext50_32x4d.in1k",
          [224, 0.875],
          null,
          [79.08, 94.428, 224],
          { release: "v0.1-weights/legacy_se_resnext50_32x4d-f3651bad.pth" },
        ],
        [
          "legacy_seresnext101_32x4d.in1k",
          [224, 0.875],
          null,
          [80.274, 95.032, 224],
          { release: "v0.1-weights/legacy_se_resnext101_32x4d-37725eac.pth" },
        ],
      ],
    },
  ],
};
