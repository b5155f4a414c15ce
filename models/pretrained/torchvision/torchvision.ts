import type { Preprocessing } from "../../../src/graph/preprocessing.js";
import { backboneNamed } from "../backbone.js";
import { cited } from "../cited.js";
import { sha256InName } from "../file-name.js";
import type { MeanStd } from "../mean-std.js";
import type { Pretrained } from "../pretrained.js";

/** What torchvision says of one entry of its enumerations of weights, without the fields that its group shares. */
export type TorchvisionCheckpoint = readonly [
  /** The network and the entry, IMAGENET1K_V1 as v1. */
  name: string,
  file: string,
  /** To 0.001. */
  mebibytes: number,
  /** Sides of the crop, and the shorter side of the image that it is cut from. */
  sizes: readonly [crop: number, resize: number],
  accuracy: readonly [top1: number, top5: number],
];

/** The checkpoints of one of torchvision's files. */
export interface TorchvisionFile {
  readonly commit: string;
  readonly file: string;
  readonly groups: readonly {
    /** null: it is stated nowhere. */
    readonly licence: string | null;
    readonly interpolation: Preprocessing["interpolation"];
    readonly meanStd: MeanStd;
    readonly checkpoints: readonly TorchvisionCheckpoint[];
  }[];
}

/** The shortest decimal fraction with floor(crop / fraction) = resize. */
export function cropPct(crop: number, resize: number): number {
  for (let unit = 10; ; unit *= 10) {
    const fraction = Math.floor((crop / resize) * unit) / unit;
    if (Math.floor(crop / fraction) === resize) return fraction;
  }
}

/** One row for each entry. */
export function torchvisionCheckpoints({ commit, file, groups }: TorchvisionFile): readonly Pretrained[] {
  const repository = `https://github.com/pytorch/vision/blob/${commit}`;
  const source = `${repository}/${file}`;
  return groups.flatMap(({ licence, interpolation, meanStd, checkpoints }) =>
    checkpoints.map(([name, fileName, mebibytes, [crop, resize], [top1, top5]]) => {
      const from = `https://download.pytorch.org/models/${fileName}`;
      return cited(
        {
          name: `torchvision/${name}`,
          backbone: backboneNamed(name.slice(0, name.indexOf("."))),
          from,
          bytes: Math.round(mebibytes * 2 ** 20),
          sha256: sha256InName(from),
          licence,
          classes: 1000,
          preprocessing: {
            ...{ input_size: [3, crop, crop], interpolation, ...meanStd },
            ...{ crop_pct: cropPct(crop, resize), crop_mode: "center" },
          },
          test: null,
          accuracy: { top1, top5, size: crop },
        },
        {
          ...{ from: source, bytes: source, sha256: from, licence: `${repository}/README.md` },
          ...{ classes: source, preprocessing: source, accuracy: source },
        },
      );
    }),
  );
}
