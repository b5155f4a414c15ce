import { adapt } from "../models/adapt.js";
import type { Architecture } from "../models/architecture.js";
import { buildNetwork, DEFAULT_OPSET, type Network, type NetworkOptions } from "../models/network.js";
import type { Imported } from "../models/zoos/import.js";
import { type BindReport, bind, requireAll, type WeightSource } from "./graph/bind.js";
import { UserError } from "./graph/error.js";
import { initialize } from "./graph/random.js";

/** A checkpoint with our keys, one of another zoo as `importWeights` gives it, or the seed of random weights. */
export type Weights = WeightSource | Imported | { readonly seed: number };

export interface LoadOptions {
  /** False: what is missing or misshapen gets random weights, and what is unexpected is left out. True unless given. */
  readonly strict?: boolean;
  /** Classes of the checkpoint that come before the first one wanted; 0 unless given. */
  readonly labelOffset?: number;
}
/** What became of a checkpoint's keys. */
export interface LoadReport extends BindReport {
  /** Keys of the network that the checkpoint was known to have nothing for. */
  readonly fresh: readonly string[];
  /** Keys of the checkpoint that the network was known to have no use for. */
  readonly aside: readonly string[];
  /** Sentences that say how the checkpoint was fitted to the network. */
  readonly changes: readonly string[];
}

/** Gives every parameter its values. Null for random weights; throws a UserError with every key that does not fit, where it is strict. */
export function loadWeights(
  network: Network,
  weights: Weights,
  { strict = true, labelOffset = 0 }: LoadOptions,
): LoadReport | null {
  const { parameters } = network;
  if ("seed" in weights) {
    initialize(parameters, weights.seed);
    return null;
  }
  const { source, fresh, aside, changes } =
    "zoo" in weights
      ? adapt(network, weights.source, weights, { labelOffset })
      : { source: weights, fresh: [], aside: [], changes: [] };
  const own = new Set(fresh.map((p) => p.key));
  const report = bind(
    parameters.filter((p) => !own.has(p.key)),
    source,
  );
  if (strict) requireAll(report, source.name);
  const unbound = new Set([...report.missing.map((p) => p.key), ...report.misshapen.map((change) => change.key)]);
  initialize([...fresh, ...parameters.filter((p) => unbound.has(p.key))]);
  return {
    ...report,
    fresh: [...own],
    aside: [...("zoo" in weights ? weights.aside : []), ...aside],
    changes,
  };
}

/** The network `name` as its checkpoint has it, but for what `options` say. */
export function networkFor(
  name: string,
  architecture: Architecture,
  weights: Weights,
  options: NetworkOptions & LoadOptions,
): Network {
  if (!("zoo" in weights)) return buildNetwork(name, architecture, options);
  const { classes, inChans, se } = weights;
  const wanted = {
    ...options,
    classes: options.classes ?? Math.max(0, classes - (options.labelOffset ?? 0)),
    inChans: options.inChans ?? inChans,
    se: options.se === undefined ? se : options.se && { ...(se ?? { bias: true }), ...given(options.se) },
  };
  if ((options.inputSize ?? 0) > weights.largest)
    throw new UserError(
      `${name} by ${weights.zoo} computes something else at ${options.inputSize} pixels than this one: choose an input size up to ${weights.largest}`,
    );
  const { inputSize = size(architecture), batch = "dynamic", opset = DEFAULT_OPSET, features } = options;
  const asItIs =
    weights.backbone.name === name &&
    wanted.classes === classes &&
    wanted.inChans === inChans &&
    wanted.se === se &&
    inputSize === size(architecture) &&
    batch === "dynamic" &&
    opset === DEFAULT_OPSET &&
    !features;
  return (asItIs && weights.takeNetwork()) || buildNetwork(name, architecture, wanted);
}
const size = ({ input }: Architecture): number => input.size;

/** Without the entries that are undefined. */
const given = <T extends object>(entries: T): Partial<T> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Partial<T>; // entries of T
