import type { Backbone } from "../models/index.js";
import type { BuildOptions } from "../src/build.js";
import type { WeightsOrigin } from "../src/export/metadata.js";
import type { Preprocessing } from "../src/graph/preprocessing.js";
import { type OpenedSource, openSource } from "../src/node/open-source.js";
import type { Io } from "./command.js";
import { fetchProgress } from "./fetch-progress.js";
import { readLabels } from "./labels.js";

/** The options of `build` that concern a checkpoint, as commander hands them over. */
interface WeightArguments {
  readonly backbone?: string;
  readonly zoo?: string;
  readonly hash?: boolean;
  readonly strict?: boolean;
  readonly labelOffset?: number;
  readonly classes?: number;
  readonly inputSize?: number;
}
/** A checkpoint, as a build needs it. */
export interface BuildWeights {
  readonly backbone: Backbone;
  readonly origin: WeightsOrigin;
  /** Of a published checkpoint: what its file is called unless the user says otherwise. */
  readonly fileName: string | null;
  readonly notes: readonly string[];
  /** The files that it is in. */
  readonly paths: readonly string[];
  /** False: the model says torchvision's for ImageNet. */
  readonly preprocessingKnown: boolean;
  options(args: WeightArguments): BuildOptions;
  /** Class names, where the checkpoint's are known and its classifier is kept. */
  labels(args: WeightArguments): Promise<readonly string[] | null>;
  close(): Promise<void>;
}

/** Opens what --weights names, fetching it first where it is not here. */
export async function openBuildWeights(source: string, args: WeightArguments, io: Io): Promise<BuildWeights> {
  const { backbone, zoo, hash = false } = args;
  const opened = await fetchProgress(source, io, (progress) =>
    openSource(source, { ...progress, hash, ...(backbone && { backbone }), ...(zoo && { zoo }) }),
  );
  const { imported, origin, notes, paths, close } = opened;
  return {
    backbone: imported.backbone,
    origin,
    fileName: /^(hf:)?[\w.-]+\/([\w.-]+)$/.exec("url" in origin ? source : "")?.[2] ?? null,
    notes,
    paths,
    preprocessingKnown: opened.preprocessing !== null,
    options: (args) => buildOptions(opened, args),
    async labels({ classes, labelOffset = 0 }) {
      const kept = imported.classes - labelOffset;
      if (!opened.labels || (classes ?? kept) !== kept) return null;
      const names = opened.labels === "imagenet" ? await readLabels("imagenet") : opened.labels.slice(labelOffset);
      return names.length === kept ? names : null;
    },
    close,
  };
}

function buildOptions(
  { imported, origin, preprocessing, test }: OpenedSource,
  { strict, labelOffset, inputSize }: WeightArguments,
): BuildOptions {
  return {
    weights: imported,
    origin,
    ...(strict === undefined ? {} : { strict }),
    ...(labelOffset === undefined ? {} : { labelOffset }),
    ...(preprocessing && {
      inputSize: preprocessing.input_size[1],
      preprocessing: atSize(preprocessing, test, inputSize),
    }),
  };
}

/** The crop that the checkpoint's authors evaluate at this size. */
function atSize(
  preprocessing: Preprocessing,
  test: OpenedSource["test"],
  inputSize: number | undefined,
): Preprocessing {
  return test && inputSize === test.input_size[1] ? { ...preprocessing, ...test } : preprocessing;
}
