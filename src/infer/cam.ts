import { choose, UserError } from "../graph/error.js";
import { type ActivationMap, activationMap, observeClassifier } from "./activation-map.js";
import { classOutput } from "./classify.js";
import { floatsOf } from "./floats.js";
import { imageArray, prepareInto } from "./image-input.js";
import { type ObserveOptions, openObserved, type Platform } from "./observe.js";
import { nameOf } from "./opened-model.js";
import { overlay } from "./overlay.js";
import type { Pixels } from "./pixels.js";
import { softmax } from "./predict.js";
import { seenRegion } from "./preprocess.js";
import type { Box } from "./resample.js";

export interface CamOptions extends ObserveOptions {
  /** Its index, counted from 0, or its name; the class with the largest logit unless given. */
  readonly class?: number | string | undefined;
  /** Class names, instead of the model's own. */
  readonly labels?: readonly string[] | undefined;
}
/** Where a model sees a class in a picture. */
export interface ClassActivation {
  /** Name of the execution provider that ran the model. */
  readonly device: string;
  readonly label: string | null;
  /** Probability of the class, 0 to 1. */
  readonly score: number;
  readonly map: ActivationMap;
  /** What the model saw of the picture, in its pixels: the map lies over it. */
  readonly region: Box;
  /** The picture with the map in colours over it. */
  readonly image: Pixels;
}

/**
 * The class activation map (Zhou et al. 2016, https://arxiv.org/abs/1512.04150) of one picture, from the model's own last feature map and its classifier's
 * weights. Throws a UserError where the model does not end in global average pooling and one linear layer, where it has no such class, or where
 * the picture cannot be read.
 */
export async function camOn<Model, Image, Options extends CamOptions>(
  platform: Platform<Model, Image, Options>,
  model: Model,
  picture: Image,
  options: Options,
): Promise<ClassActivation> {
  const pixels = await platform.pixelsOf(picture, nameOf(picture, 0, 1));
  const observed = await openObserved(platform, model, observeClassifier, options);
  try {
    const { found, session, setup } = observed;
    const labels = setup.origin?.source === "random" ? null : (options.labels ?? setup.labels);
    const index = typeof options.class === "string" ? indexOf(options.class, labels) : options.class;
    options.signal?.throwIfAborted();
    const prepared = imageArray(setup, 1);
    prepareInto(prepared, pixels, setup);
    const outputs = await session.run(observed.feeds(prepared));
    options.signal?.throwIfAborted();
    const map = await activationMap(found, outputs, index ?? null);
    const region = seenRegion(pixels, setup.preprocessing);
    const output = outputs[classOutput(session.outputs)?.name ?? ""];
    if (!output) throw new UserError("the model gave no classes");
    const values = floatsOf(output, "the model's output");
    const row = values.subarray(0, values.length / (output.shape[0] || 1));
    return {
      device: session.provider,
      label: labels?.[map.index] ?? null,
      score: (setup.probabilities ? row : softmax(row))[map.index] ?? Number.NaN,
      map,
      region,
      image: overlay(pixels, map, region),
    };
  } finally {
    await observed.close();
  }
}

/** The class of that name: all of it, or the first of the words that ImageNet names a class with, whatever the case. */
function indexOf(name: string, labels: readonly string[] | null): number {
  if (!labels)
    throw new UserError(
      `the class '${name}' cannot be found, since the model has no class names: give its number, or labels`,
    );
  const wanted = name.toLowerCase();
  const short = (label: string): string => (label.split(",")[0] ?? "").toLowerCase();
  const exact = labels.findIndex((label) => label.toLowerCase() === wanted);
  if (exact >= 0) return exact;
  return choose(
    "class",
    wanted,
    labels.map((label, index) => ({ name: short(label), index })),
  ).index;
}
