import { readMetadata } from "../export/metadata.js";
import type { Graph } from "../graph/graph.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import { isRanked } from "../graph/type.js";
import { type ClassifierSetup, classOutput } from "./classify.js";
import { imagenetPreprocessing } from "./preprocess.js";

/** From the file's metadata; a file that says nothing gets ImageNet's preprocessing at its own input size. */
export function setupOf(graph: Graph): ClassifierSetup {
  const { preprocessing, labels = null, weights: origin = null } = readMetadata(graph);
  return {
    preprocessing: preprocessing ?? guessPreprocessing(graph),
    labels,
    origin,
    probabilities: classOutput(graph.outputs)?.producer?.op === "Softmax",
  };
}

function guessPreprocessing(graph: Graph): Preprocessing {
  const type = graph.inputs[0]?.type ?? null;
  const [, channels, height, width] = isRanked(type) ? type.shape : [];
  const usual = imagenetPreprocessing();
  if (typeof height !== "number" || typeof width !== "number") return usual;
  return { ...usual, input_size: [typeof channels === "number" ? channels : 3, height, width] };
}
