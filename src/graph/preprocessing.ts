/** How an image becomes a network's input; the keys are those of timm's `pretrained_cfg`. */
export interface Preprocessing {
  /** 3 channels are RGB, 1 is grey (ITU-R 601-2 luma). */
  readonly input_size: readonly [channels: number, height: number, width: number];
  readonly interpolation: "bilinear" | "bicubic";
  /** One per channel, for values in [0, 1]. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Size of the crop over that of the resized image, along the shorter side: above 0, usually at most 1. */
  readonly crop_pct: number;
  /** How the image is resized before its centre is cropped: "center" keeps its aspect, "squash" gives it that of the crop. */
  readonly crop_mode: "center" | "squash";
}
