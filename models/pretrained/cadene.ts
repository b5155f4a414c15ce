import { cited } from "./cited.js";
import { sha256InName } from "./file-name.js";
import { IMAGENET } from "./mean-std.js";
import type { Pretrained } from "./pretrained.js";

const REPOSITORY = "https://github.com/Cadene/pretrained-models.pytorch/blob/8aae3d8f1135b6b13fed79c1d431e3449fdbf6e0";
const SENET = `${REPOSITORY}/pretrainedmodels/models/senet.py`;
const LIP6 = "http://data.lip6.fr/cadene/pretrainedmodels/";
/** The same files, which timm keeps: their names have the same digits. */
const KEPT_BY_TIMM = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-cadene/";
const TIMM =
  "https://github.com/huggingface/pytorch-image-models/blob/aa4b5850c1543fa488abf260f18390eda46cf85d/timm/models/senet.py";

type Row = readonly [name: string, backbone: string, folder: string, file: string, top1: number, top5: number];
const ROWS: readonly Row[] = [
  ["senet154", "legacy_senet154", LIP6, "senet154-c7b49a05.pth", 81.304, 95.498],
  ["se_resnet50", "legacy_seresnet50", KEPT_BY_TIMM, "se_resnet50-ce0d4300.pth", 77.636, 93.752],
  ["se_resnet101", "legacy_seresnet101", KEPT_BY_TIMM, "se_resnet101-7e38fcc6.pth", 78.396, 94.258],
  ["se_resnet152", "legacy_seresnet152", KEPT_BY_TIMM, "se_resnet152-d17c99b7.pth", 78.658, 94.374],
  ["se_resnext50_32x4d", "legacy_seresnext50_32x4d", LIP6, "se_resnext50_32x4d-a260b3a4.pth", 79.076, 94.434],
  ["se_resnext101_32x4d", "legacy_seresnext101_32x4d", LIP6, "se_resnext101_32x4d-3b2fe3d8.pth", 80.236, 95.028],
];

/**
 * Cadene's ports of Hu et al.'s Caffe models (https://github.com/hujie-frank/SENet), which are no PyTorch files, have no address that a program can
 * read, and are not listed. The repository's licence is of its code; none is stated for the files, which lie elsewhere. Images are resized by
 * torchvision's default, bilinearly.
 */
export const cadeneCheckpoints = (): Pretrained[] =>
  ROWS.map(([name, backbone, folder, file, top1, top5]) =>
    cited(
      {
        name: `cadene/${name}`,
        backbone,
        from: folder + file,
        bytes: null,
        sha256: sha256InName(file),
        licence: null,
        classes: 1000,
        preprocessing: {
          input_size: [3, 224, 224],
          interpolation: "bilinear",
          ...IMAGENET,
          crop_pct: 0.875,
          crop_mode: "center",
        },
        test: null,
        accuracy: { top1, top5, size: 224 },
      },
      {
        from: folder === LIP6 ? SENET : TIMM,
        sha256: folder + file,
        classes: SENET,
        preprocessing: `${REPOSITORY}/pretrainedmodels/utils.py`,
        accuracy: `${REPOSITORY}/README.md`,
      },
    ),
  );
