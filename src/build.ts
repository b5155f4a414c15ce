import type { Architecture } from "../models/architecture.js";
import { exposeGates } from "../models/expose-gates.js";
import type { Network, NetworkOptions } from "../models/network.js";
import type { Recalibrated } from "../models/plan.js";
import { type WeightsOrigin, writeMetadata } from "./export/metadata.js";
import { requireOpset } from "./export/versions.js";
import { normalizeInput, type PixelType, softmaxOutput } from "./graph/bake.js";
import { check } from "./graph/check.js";
import { rename } from "./graph/edit.js";
import { type Graph, GraphError } from "./graph/graph.js";
import { macs, nodeMacs } from "./graph/macs.js";
import type { PassReport } from "./graph/pass.js";
import { convertFloat16 } from "./graph/passes/convert-float16.js";
import { foldBatchNorm } from "./graph/passes/fold-batch-norm.js";
import { removeDeadCode } from "./graph/passes/remove-dead-code.js";
import type { Preprocessing } from "./graph/preprocessing.js";
import { findSqueezeExcite, type SqueezeExcite } from "./graph/squeeze-excite.js";
import type { Target } from "./graph/targets.js";
import { elements } from "./graph/type.js";
import { type LoadOptions, type LoadReport, loadWeights, networkFor, type Weights } from "./load-weights.js";
import { VERSION } from "./version.js";

export interface BuildOptions extends NetworkOptions, LoadOptions {
  /** Seed 0 unless given. */
  readonly weights?: Weights;
  /** What the metadata say of where the weights come from; the checkpoint's name, or the seed, unless given. */
  readonly origin?: WeightsOrigin;
  /** How the weights want their images; torchvision's way for ImageNet unless given. */
  readonly preprocessing?: Preprocessing | null;
  /** Fold BatchNormalization into the convolutions before it; true unless given. */
  readonly fold?: boolean;
  /** The gates of every block as an output of their own: [N,C], or [N,C,H,W] where each pixel has its own. */
  readonly exposeGates?: boolean;
  /** Class names by index. */
  readonly labels?: readonly string[] | null;
  /** What the network computes in; inputs and outputs are float32 in any case. "fp32" unless given. */
  readonly dtype?: "fp32" | "fp16";
  /** "hf": the image input is called "pixel_values", as Hugging Face's libraries ask, not "input". The output is "logits" either way. */
  readonly ioNames?: "default" | "hf";
  /** The graph computes (x - mean) / std itself, and its input takes values from 0 to 1. Not unless given. */
  readonly normalize?: boolean;
  /** "uint8": the input takes bytes [N,H,W,C] as decoders give them, and the graph normalizes them. "float32" unless given. */
  readonly inputType?: PixelType;
  /** The graph ends in a softmax, and its output is called "probabilities". Not unless given. */
  readonly softmax?: boolean;
  /** What the file is to run on: its passes rewrite the graph. Left as it is built, for any runtime, unless given. */
  readonly target?: Target;
}
/** A network ready to be written, and what it came to. */
export interface BuiltModel {
  readonly graph: Graph;
  readonly se: readonly SqueezeExcite[];
  /** What was built, relatives of SE included; null for a plain network. */
  readonly plan: Recalibrated | null;
  /** Trainable parameters of the architecture, and how many of them are SE's. */
  readonly parameters: number;
  readonly seParameters: number;
  /** Multiply-adds of convolutions and matrix products for one image. */
  readonly macs: number | null;
  readonly seMacs: number | null;
  /** What became of a checkpoint's keys; null for random weights. */
  readonly loaded: LoadReport | null;
  /** What the target's passes did, in their order. */
  readonly rewritten: readonly (PassReport & { readonly name: string })[];
}

/** Builds `architecture` with weights: counts it, folds it, checks it, and describes it in its metadata. No tensor is read yet. */
export function buildModel(name: string, architecture: Architecture, options: BuildOptions = {}): BuiltModel {
  const { weights = { seed: 0 }, fold = true, labels = null, dtype = "fp32", ioNames = "default" } = options;
  if (options.opset !== undefined) requireOpset(options.opset);
  const network = networkFor(name, architecture, weights, options);
  const { graph, parameters, se, classes } = network;
  removeDeadCode.run(graph); // what lies behind the last feature that was asked for
  const plan = se && { ...se, blocks: se.blocks.filter(({ gate }) => gate.uses.length) };
  if (plan && !plan.blocks.length)
    throw new GraphError(`no SE block of ${name} lies before its outputs: choose other stages or features, or no SE`);
  if (options.exposeGates && !plan)
    throw new GraphError(`${name} without SE has no gates to expose: leave out --expose-gates, or build it with SE`);
  if (options.exposeGates && plan) exposeGates(plan.blocks);
  const paths = new Set(plan?.blocks.map((block) => block.path));
  const within = (path: string): boolean => isInside(path, paths);
  const read = new Set(graph.constants.map((c) => c.name));
  const trainable = parameters.filter((p) => p.trainable && read.has(p.key));
  const counts = {
    parameters: count(trainable),
    seParameters: count(trainable.filter((p) => within(p.key))),
    macs: macs(graph),
    seMacs: sum(graph.nodes.filter((node) => within(node.name)).map(nodeMacs)),
  };
  const loaded = loadWeights(network, weights, options);
  if (labels && labels.length !== classes)
    throw new GraphError(`there are ${labels.length} labels, but ${classes} classes: give one name for each class`);

  if (fold) foldBatchNorm.run(graph);
  removeDeadCode.run(graph);
  const [image] = graph.inputs;
  if (image && ioNames === "hf") rename(image, "pixel_values");
  if (options.softmax) softmaxOutput(graph);
  if (dtype === "fp16") convertFloat16.run(graph);
  const images = preprocessing(network, options.preprocessing ?? IMAGENET);
  const normalizes = options.normalize || options.inputType === "uint8";
  if (normalizes) normalizeInput(graph, images, options.inputType ?? "float32");
  const found = findSqueezeExcite(graph);
  const { target } = options;
  if (target?.fixedBatch && typeof (options.batch ?? "dynamic") !== "number")
    throw new GraphError(`the target ${target.name} is for a batch that is known: give --batch, 1 for single images`);
  const rewritten = (target?.passes ?? []).map((pass) => ({ name: pass.name, ...pass.run(graph) }));
  const problems = check(graph);
  if (problems.length) throw new Error(`the graph of ${name} is not valid:\n${problems.join("\n")}`);

  Object.assign(graph.model, { producerName: "se-onnx", producerVersion: VERSION });
  writeMetadata(graph, {
    backbone: name,
    parameters: counts.parameters,
    se: found.map(({ name, channels, hidden, squeeze, excitation, bias }) => ({
      name,
      channels,
      hidden,
      squeeze,
      excitation,
      bias,
    })),
    weights: options.origin ?? originOf(weights),
    preprocessing: normalizes ? { ...images, mean: images.mean.map(() => 0), std: images.std.map(() => 1) } : images,
    normalization: normalizes ? { mean: images.mean, std: images.std } : null,
    labels,
    ...(target && { target: target.name }),
  });
  return { graph, se: found, plan, ...counts, loaded, rewritten };
}

/** Whether "a.b.c" is in one of the modules: "a" or "a.b". */
function isInside(path: string, modules: ReadonlySet<string>): boolean {
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1))
    if (modules.has(path.slice(0, dot))) return true;
  return false;
}

function originOf(weights: Weights): WeightsOrigin {
  if ("seed" in weights) return { source: "random", seed: weights.seed };
  return { source: "file", name: "zoo" in weights ? weights.source.name : weights.name };
}

/** `wanted` at this network's size and number of channels. */
function preprocessing({ inChans, inputSize }: Network, { mean, std, ...wanted }: Preprocessing): Preprocessing {
  const forChannels = (values: readonly number[]): readonly number[] =>
    values.length === inChans ? values : Array<number>(inChans).fill(average(values));
  return { ...wanted, input_size: [inChans, inputSize, inputSize], mean: forChannels(mean), std: forChannels(std) };
}
/** torchvision's: the shorter side to 256 for 224, centre crop. */
const IMAGENET: Preprocessing = {
  input_size: [3, 224, 224],
  interpolation: "bilinear",
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  crop_pct: 0.875,
  crop_mode: "center",
};

const count = (parameters: readonly { readonly type: { readonly shape: readonly number[] } }[]): number =>
  parameters.reduce((n, p) => n + elements(p.type.shape), 0);
const sum = (numbers: readonly (number | null)[]): number | null =>
  numbers.reduce((a, b) => (a === null || b === null ? null : a + b), 0);
const average = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
