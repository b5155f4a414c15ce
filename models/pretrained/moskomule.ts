import { cited } from "./cited.js";
import { sha256InName } from "./file-name.js";
import { IMAGENET } from "./mean-std.js";
import type { Pretrained } from "./pretrained.js";

const REPOSITORY = "https://github.com/moskomule/senet.pytorch/blob/8cb2669fec6fa344481726f9199aa611f08c3fbd";
const FROM = "https://github.com/moskomule/senet.pytorch/releases/download/archive/seresnet50-60a8950a85b2b.pkl";

/** moskomule's SE-ResNet-50: torchvision's ResNet-50 with SE that has no bias. */
export const moskomuleCheckpoints = (): Pretrained[] => [
  cited(
    {
      name: "moskomule/se_resnet50",
      backbone: "resnet50",
      from: FROM,
      bytes: null,
      sha256: sha256InName(FROM),
      licence: "MIT",
      classes: 1000,
      preprocessing: {
        input_size: [3, 224, 224],
        interpolation: "bilinear",
        ...IMAGENET,
        crop_pct: 0.875,
        crop_mode: "center",
      },
      test: null,
      accuracy: { top1: 77.06, top5: null, size: 224 },
    },
    {
      from: `${REPOSITORY}/README.md`,
      sha256: FROM,
      licence: `${REPOSITORY}/LICENSE`,
      classes: `${REPOSITORY}/senet/se_resnet.py`,
      preprocessing:
        "https://github.com/moskomule/homura/blob/4417780edda77c4643ee6d540d1b9e058f0224c2/homura/vision/data/datasets.py",
      accuracy: `${REPOSITORY}/README.md`,
    },
  ),
];
