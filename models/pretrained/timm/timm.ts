import type { Preprocessing } from "../../../src/graph/preprocessing.js";
import { backboneNamed } from "../backbone.js";
import { cited } from "../cited.js";
import { sha256InName } from "../file-name.js";
import type { MeanStd } from "../mean-std.js";
import type { Pretrained } from "../pretrained.js";
import { hubFile } from "./hub-files.js";

type Setting = readonly [size: number, crop_pct: number];

/** What timm says of one checkpoint, without the fields that its group shares. */
export type TimmCheckpoint = readonly [
  /** timm's network and tag. */
  name: string,
  usual: Setting,
  /** null: as usual. */
  test: Setting | null,
  /** null: it has no classes of ImageNet-1k. */
  accuracy: readonly [top1: number, top5: number, size: number] | null,
  rest?: {
    /** 1000 unless given; 0: it ends in features. */
    readonly classes?: number;
    /** The file among timm's releases, where it is not on the hub. */
    readonly release?: string;
    /** "center" unless given. */
    readonly crop_mode?: Preprocessing["crop_mode"];
  },
];

/** The checkpoints of one of timm's files. */
export interface TimmFile {
  readonly commit: string;
  readonly file: string;
  readonly groups: readonly {
    readonly licence: string;
    readonly interpolation: Preprocessing["interpolation"];
    readonly meanStd: MeanStd;
    readonly checkpoints: readonly TimmCheckpoint[];
  }[];
}

/** timm's networks that are equal to ones with other names here, torchvision's: all keys' shapes agree, and paddings and epsilons. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  mobilenetv2_100: "mobilenet_v2",
  regnety_004: "regnet_y_400mf",
  regnety_008_tv: "regnet_y_800mf",
  regnety_016: "regnet_y_1_6gf",
  regnety_032: "regnet_y_3_2gf",
  regnety_080_tv: "regnet_y_8gf",
  regnety_160: "regnet_y_16gf",
  regnety_320: "regnet_y_32gf",
  // torchvision's of this name has another epsilon.
  efficientnet_b5: "timm_efficientnet_b5",
};
function backboneOf(checkpoint: string): string | null {
  const [network = ""] = checkpoint.split(".");
  return backboneNamed(OTHER_NAMES[network] ?? network);
}

const RELEASES = "https://github.com/rwightman/pytorch-image-models/releases/download/";

const sized = ([size, crop_pct]: Setting): Pick<Preprocessing, "input_size" | "crop_pct"> => ({
  input_size: [3, size, size],
  crop_pct,
});

/** One row for each checkpoint, by way of the hub where it is there. */
export function timmCheckpoints({ commit, file, groups }: TimmFile): readonly Pretrained[] {
  const repository = `https://github.com/huggingface/pytorch-image-models/blob/${commit}`;
  const source = `${repository}/${file}`;
  const sources = {
    ...{ from: source, licence: source, classes: source, preprocessing: source, test: source },
    accuracy: `${repository}/results/results-imagenet.csv`,
  };
  return groups.flatMap(({ licence, interpolation, meanStd, checkpoints }) =>
    checkpoints.map(
      ([checkpoint, usual, test, accuracy, { classes = 1000, release, crop_mode = "center" as const } = {}]) => {
        const name = `timm/${checkpoint}`;
        const from = release ? RELEASES + release : `hf:${name}`;
        const onHub = hubFile(checkpoint);
        return cited(
          {
            name,
            backbone: backboneOf(checkpoint),
            from,
            bytes: onHub?.bytes ?? null,
            sha256: release ? sha256InName(release) : (onHub?.sha256 ?? null),
            licence,
            classes,
            preprocessing: { ...sized(usual), interpolation, ...meanStd, crop_mode },
            test: test && sized(test),
            accuracy: accuracy && { top1: accuracy[0], top5: accuracy[1], size: accuracy[2] },
          },
          { ...sources, ...(onHub && { bytes: onHub.page, sha256: onHub.page }), ...(release && { sha256: from }) },
        );
      },
    ),
  );
}
