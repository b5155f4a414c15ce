import { readMetadata } from "../export/metadata.js";
import type { PixelType } from "../graph/bake.js";
import type { Graph } from "../graph/graph.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import { isRanked, type Shape } from "../graph/type.js";
import { type ClassifierSetup, classOutput } from "./classify.js";
import { imagenetPreprocessing } from "./preprocess.js";

/** From the file's metadata; a file that says nothing gets ImageNet's preprocessing at its own input size. */
export function setupOf(graph: Graph): ClassifierSetup {
  const { preprocessing, labels = null, weights: origin = null } = readMetadata(graph);
  const type = graph.inputs[0]?.type ?? null;
  const pixelType = type?.kind === "tensor" && type.dtype === "uint8" ? "uint8" : "float32";
  return {
    preprocessing: preprocessing ?? guessPreprocessing(isRanked(type) ? type.shape : [], pixelType),
    pixelType,
    labels,
    origin,
    probabilities: classOutput(graph.outputs)?.producer?.op === "Softmax",
  };
}

function guessPreprocessing([, ...sides]: Shape, pixelType: PixelType): Preprocessing {
  const [channels, height, width] = pixelType === "uint8" ? [sides[2], sides[0], sides[1]] : sides;
  const usual = imagenetPreprocessing();
  if (typeof height !== "number" || typeof width !== "number") return usual;
  return { ...usual, input_size: [typeof channels === "number" ? channels : 3, height, width] };
}
