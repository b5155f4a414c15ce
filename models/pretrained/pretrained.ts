import type { Preprocessing } from "../../src/graph/preprocessing.js";

/** What a published checkpoint says of itself. A field that no source at hand states is null. */
export interface Pretrained {
  /** As `--weights` takes it: publisher/checkpoint, e.g. "timm/seresnet50.ra2_in1k". */
  readonly name: string;
  /** The backbone that it is for; null where there is none here yet. */
  readonly backbone: string | null;
  /** Where it is kept: a repository of the Hugging Face hub ("hf:timm/seresnet50.ra2_in1k") or the URL of a file. */
  readonly from: string;
  /** Size of the file, as exactly as its source puts it: good for showing and for room on the disk, not for checking what was read. */
  readonly bytes: number | null;
  /** Hexadecimal SHA-256 of the file, or its first digits, as PyTorch's file names carry them. */
  readonly sha256: string | null;
  /** SPDX identifier where there is one, or the licence's own words. */
  readonly licence: string | null;
  readonly classes: number;
  readonly preprocessing: Preprocessing | null;
  /** What its authors evaluate it at, where that differs from `preprocessing`. */
  readonly test: Pick<Preprocessing, "input_size" | "crop_pct"> | null;
  /** Published top-1 and top-5 on ImageNet's validation set, in percent, at `size` pixels. */
  readonly accuracy: { readonly top1: number; readonly top5: number | null; readonly size: number } | null;
  /** Where each of the facts above stands, by the field's name: addresses that last, with a commit. */
  readonly sources: Readonly<Partial<Record<keyof Pretrained, string>>>;
}
