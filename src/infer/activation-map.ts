import { castable, toFloat32 } from "../graph/cast.js";
import type { Matrix } from "../graph/dense-layer.js";
import { UserError } from "../graph/error.js";
import type { Graph } from "../graph/graph.js";
import { pooledClassifier } from "../graph/pooled-classifier.js";
import { asFloat32, readAll, type Tensor } from "../graph/tensor.js";
import { classOutput } from "./classify.js";
import { floatsOf } from "./floats.js";
import type { Feeds, HostTensor } from "./session.js";

/** A classifier whose last map and logits are outputs of its model. */
export interface ObservedClassifier {
  /** Output [N,K,H,W] */
  readonly features: string;
  /** Output of N x classes numbers, before any softmax. */
  readonly logits: string;
  /** What a class's logit multiplies the K channels' means with, null where it is the mean of channel `index` alone; and what is added besides. */
  weights(index: number): Promise<{ readonly weight: Float32Array | null; readonly bias: number }>;
}
/** Where in the image the evidence for a class lies; the mean of the map and the classifier's bias make the logit. */
export interface ActivationMap {
  /** The class, counted from 0. */
  readonly index: number;
  readonly logit: number;
  readonly bias: number;
  readonly height: number;
  readonly width: number;
  /** [height,width], row-major: the sum over k of weight[class,k] features[k,y,x]. */
  readonly data: Float32Array;
}

/**
 * Makes the last feature map and the logits outputs of `graph` too, for class activation maps (Zhou et al. 2016, https://arxiv.org/abs/1512.04150).
 * Throws a UserError where the network does not end in global average pooling and one linear layer, which is what the maps are defined for.
 */
export function observeClassifier(graph: Graph): ObservedClassifier {
  const output = classOutput(graph.outputs);
  const found = output ? pooledClassifier(output) : "it has no output";
  if (typeof found === "string")
    throw new UserError(
      `the model has no class activation map, which needs global average pooling and one linear layer after it: ${found}`,
    );
  const { features, logits, layer } = found;
  for (const value of [features, logits]) if (!graph.outputs.includes(value)) graph.output(value);
  return {
    features: features.name,
    logits: logits.name,
    async weights(index) {
      if (!layer) return { weight: null, bias: 0 };
      const weight = await rowOf(layer.weight, index, layer.inputs);
      const bias = layer.bias ? (await floats(layer.bias))[index] : 0;
      return { weight, bias: bias ?? Number.NaN };
    },
  };
}

/** The map of class `index`, or of the class with the largest logit, for the first image of a run. */
export async function activationMap(
  { features, logits, weights }: ObservedClassifier,
  outputs: Feeds,
  index: number | null = null,
): Promise<ActivationMap> {
  const scores = firstImage(outputs, logits);
  const maps = firstImage(outputs, features);
  const [channels = 0, height = 0, width = 0] = maps.shape;
  if (maps.shape.length !== 3)
    throw new UserError(`the feature map '${features}' is [${maps.shape.join(",")}] for an image, not [K,H,W]`);
  const chosen = index ?? scores.data.indexOf(scores.data.reduce((a, b) => Math.max(a, b)));
  const logit = scores.data[chosen];
  if (logit === undefined)
    throw new UserError(`there is no class ${chosen}: the model has ${scores.data.length}, counted from 0`);
  const { weight, bias } = await weights(chosen);
  const factors = weight ?? Float32Array.from({ length: channels }, (_, k) => Number(k === chosen));
  const { data, magnitude } = weightedSum(maps.data, factors, height * width);
  const sum = data.reduce((a, b) => a + b, 0) / data.length + bias;
  if (!(Math.abs(sum - logit) <= TOLERANCE * (magnitude + Math.abs(bias))))
    throw new UserError(
      `the model has no class activation map: its last map makes ${sum.toPrecision(4)} of the logit of class ${chosen}, which is ${logit.toPrecision(4)}, so that the pooling before its linear layer is no mean of the whole map`,
    );
  return { index: chosen, logit, bias, height, width, data: Float32Array.from(data) };
}

/** Of the terms' magnitudes: ten times what float16 rounds away. */
const TOLERANCE = 5e-3;

/** In float64, as the runtime sums in an order of its own. `magnitude`: the mean over pixels of the terms' absolute values. */
function weightedSum(
  maps: Float32Array,
  weight: Float32Array,
  pixels: number,
): { readonly data: Float64Array; readonly magnitude: number } {
  const data = new Float64Array(pixels);
  let magnitude = 0;
  for (const [k, w] of weight.entries())
    for (let p = 0; p < pixels; p++) {
      const term = w * (maps[k * pixels + p] ?? Number.NaN);
      data[p] = (data[p] as number) + term; // p < length
      magnitude += Math.abs(term);
    }
  return { data, magnitude: magnitude / pixels };
}

function firstImage(outputs: Feeds, name: string): { readonly shape: readonly number[]; readonly data: Float32Array } {
  const tensor: HostTensor | undefined = outputs[name];
  if (!tensor) throw new UserError(`the model gave no output '${name}'`);
  const [images = 1, ...shape] = tensor.shape;
  const values = floatsOf(tensor, `the output '${name}'`);
  return { shape, data: values.subarray(0, values.length / images) };
}

/** What a layer multiplies its inputs with for one of its outputs. */
async function rowOf({ tensor, transposed }: Matrix, row: number, inputs: number): Promise<Float32Array> {
  if (!transposed) {
    requireFloats(tensor);
    return asFloat32(await toFloat32(tensor).read(row * inputs * 4, (row + 1) * inputs * 4));
  }
  const values = await floats(tensor);
  const outputs = values.length / inputs;
  return Float32Array.from({ length: inputs }, (_, k) => values[k * outputs + row] ?? Number.NaN);
}

async function floats(tensor: Tensor): Promise<Float32Array> {
  requireFloats(tensor);
  return asFloat32(await readAll(toFloat32(tensor)));
}

function requireFloats({ dtype }: Tensor): void {
  if (!castable(dtype))
    throw new UserError(`the classifier's weights are ${dtype}: class activation maps need floating point`);
}
