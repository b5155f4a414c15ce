import type { WeightSource } from "../src/graph/bind.js";
import { toFloat32 } from "../src/graph/cast.js";
import { UserError } from "../src/graph/error.js";
import { GraphError } from "../src/graph/graph.js";
import type { Parameter } from "../src/graph/parameter.js";
import { asFloat32, computed, lazyTensor, readAll, type Tensor } from "../src/graph/tensor.js";
import { elements, f32, tensorType } from "../src/graph/type.js";
import type { Network } from "./network.js";
import type { Description } from "./zoos/describe.js";

/** A checkpoint, changed so as to fit another network than its own. */
export interface Adapted {
  readonly source: WeightSource;
  /** Parameters that it has nothing for, with starts of their own. */
  readonly fresh: readonly Parameter[];
  /** Keys that the network has no use for. */
  readonly aside: readonly string[];
  /** Sentences that say what was done. */
  readonly changes: readonly string[];
}
export interface AdaptOptions {
  /** Classes that come before the first one wanted, such as the background of TensorFlow's ImageNet models; 0 unless given. */
  readonly labelOffset?: number;
}

/**
 * Fits `source`, which is as `description` says, to `network`: a first convolution for another number of channels, a new classifier for other
 * classes, and, where SE is wanted that the checkpoint has none of, blocks whose gates are 1, so that outputs stay what they are without.
 */
export function adapt(
  network: Network,
  source: WeightSource,
  description: Description,
  { labelOffset = 0 }: AdaptOptions = {},
): Adapted {
  const steps = [
    adaptStem(network, source, description),
    adaptHead(network, source, description, labelOffset),
    openGates(network, source),
  ];
  const all = new Map(source.tensors);
  for (const { tensors = [] } of steps) for (const [key, tensor] of tensors) all.set(key, tensor);
  const aside = steps.flatMap((step) => step.aside ?? []);
  for (const key of aside) all.delete(key);
  return {
    source: { ...source, tensors: all },
    fresh: steps.flatMap((step) => step.fresh ?? []),
    aside,
    changes: steps.flatMap((step) => step.change ?? []),
  };
}

interface Step {
  readonly tensors?: readonly (readonly [key: string, tensor: Tensor])[];
  readonly fresh?: readonly Parameter[];
  readonly aside?: readonly string[];
  readonly change?: string;
}

function adaptStem({ parameters }: Network, { tensors }: WeightSource, { stem, inChans }: Description): Step {
  const found = tensors.get(stem);
  const wanted = parameters.find((p) => p.key === stem)?.type.shape[1] ?? inChans;
  if (!found || wanted === inChans) return {};
  const how = wanted === 1 ? "summed over them" : `repeated and scaled by ${inChans}/${wanted}`;
  return {
    tensors: [[stem, withChannels(toFloat32(found), wanted)]],
    change: `the first convolution was made for ${inChans} channels: ${how} for ${wanted}`,
  };
}

/** [M,C,H,W] for `wanted` channels, so that an image with equal channels gives what it gave: timm's adapt_input_conv (timm/models/_manipulate.py). */
function withChannels(t: Tensor, wanted: number): Tensor {
  const [m = 0, channels = 0, ...kernel] = t.shape;
  const area = elements(kernel);
  return computed(f32(m, wanted, ...kernel), async () => {
    const w = asFloat32(await readAll(t));
    const out = new Float32Array(m * wanted * area);
    const scale = channels / wanted;
    for (let o = 0; o < out.length; o++) {
      const [filter, channel, at] = [Math.floor(o / area / wanted), Math.floor(o / area) % wanted, o % area];
      const from = filter * channels * area + at;
      if (wanted > 1) out[o] = scale * (w[from + (channel % channels) * area] ?? 0);
      else for (let c = 0; c < channels; c++) out[o] = (out[o] ?? 0) + (w[from + c * area] ?? 0);
    }
    return out;
  });
}

function adaptHead(
  { parameters }: Network,
  { name, tensors }: WeightSource,
  { head, classes }: Description,
  labelOffset: number,
): Step {
  if (labelOffset && labelOffset >= classes)
    throw new UserError(`${name} has ${classes} classes: a label offset of ${labelOffset} leaves none`);
  const layer = parameters.filter((p) => head.includes(p.key));
  const wanted = layer[0]?.type.shape[0] ?? 0;
  const kept = classes - labelOffset;
  const present = head.filter((key) => tensors.has(key));
  if (!wanted) return { aside: present };
  if (wanted !== kept) {
    const change = classes
      ? `the classifier was made for ${kept} classes: a new one for ${wanted}, with random weights`
      : `${name} has no classifier: a new one for ${wanted} classes, with random weights`;
    return { fresh: layer, aside: present, change };
  }
  if (!labelOffset) return {};
  const offset = present.map((key) => [key, rowsFrom(toFloat32(tensors.get(key) as Tensor), labelOffset)] as const); // present
  return { tensors: offset, change: `the first ${labelOffset} of ${classes} classes left out` };
}

/** Rows `first` and on. */
function rowsFrom(t: Tensor, first: number): Tensor {
  const [rows = 0, ...rest] = t.shape;
  const skipped = first * elements(rest) * 4;
  return lazyTensor(tensorType("float32", [rows - first, ...rest]), (start, end, into) =>
    t.read(start + skipped, end + skipped, into),
  );
}

/** A bias at which the operator gives 1 in float32, whatever small number is added. */
const OPEN: Readonly<Record<string, number>> = { Sigmoid: 30, Tanh: 30, HardSigmoid: 6, Relu: 1 };

function openGates({ se, parameters }: Network, { tensors }: WeightSource): Step {
  const within = (path: string): readonly Parameter[] => parameters.filter((p) => p.key.startsWith(`${path}.`));
  if (!se || se.blocks.some(({ path }) => within(path).some((p) => tensors.has(p.key)))) return {};
  const fresh = se.blocks.flatMap(({ path, gate }) => {
    const own = within(path);
    const open = OPEN[gate.producer?.op ?? ""];
    if (open === undefined || own.some((p) => !STARTS.has(p.key.slice(path.length + 1))) || !se.bias)
      throw new GraphError(
        `'${path}' is no SE block that can start with a gate of 1: add the block se, with --se-bias, to weights without SE`,
      );
    const start = (p: Parameter): Parameter => {
      const value = STARTS.get(p.key.slice(path.length + 1));
      return value === undefined || value === null ? p : { ...p, init: { kind: "constant", value: value * open } };
    };
    return own.map(start);
  });
  const count = se.blocks.length;
  return {
    fresh,
    change: `the ${count} SE blocks are new and start as identity (their gates are 1): outputs are those of the network without SE`,
  };
}

/** By how much of the opening bias each parameter of a new block starts; null: as it always does. */
const STARTS: ReadonlyMap<string, number | null> = /* @__PURE__ */ new Map<string, number | null>([
  ["fc1.weight", null],
  ["fc1.bias", 0],
  ["fc2.weight", 0],
  ["fc2.bias", 1],
]);
