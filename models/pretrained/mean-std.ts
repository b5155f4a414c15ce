import type { Preprocessing } from "../../src/graph/preprocessing.js";

export type MeanStd = Pick<Preprocessing, "mean" | "std">;

/** Of ImageNet's training images. timm calls these IMAGENET_DEFAULT_MEAN and IMAGENET_DEFAULT_STD. */
export const IMAGENET: MeanStd = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** [0, 1] to [-1, 1]. timm calls these IMAGENET_INCEPTION_MEAN and IMAGENET_INCEPTION_STD. */
export const HALVES: MeanStd = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
/** [0, 1] as it is. */
export const UNCHANGED: MeanStd = { mean: [0, 0, 0], std: [1, 1, 1] };
