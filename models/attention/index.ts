import { hardsigmoid } from "../../src/graph/activations.js";
import type { Value } from "../../src/graph/graph.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { tanh } from "../../src/graph/ops/tanh.js";
import type { Scope } from "../../src/graph/scope.js";
import type { SePlan } from "../plan.js";
import { averageSqueeze, type Recalibration, squeezeExcite } from "../se-block.js";
import { efficientChannelAttention } from "./eca.js";
import { effectiveSqueezeExcite } from "./effective-se.js";
import { noSqueeze } from "./no-squeeze.js";
import { spatialChannelSqueezeExcite } from "./sc-se.js";
import { averageMaxSqueeze, maxSqueeze } from "./squeezes.js";

/** A block that networks can be built with, by name. */
export interface RecalibrationBlock {
  readonly name: string;
  readonly block: Recalibration;
  /** The entries of a plan that mean something to it; it has no other choice in what they would change. */
  readonly takes: readonly (keyof SePlan)[];
}
export const blocks: readonly RecalibrationBlock[] = [
  { name: "se", block: squeezeExcite, takes: ["r", "round", "bias", "squeeze", "excitation"] },
  { name: "effective-se", block: effectiveSqueezeExcite, takes: [] },
  { name: "eca", block: efficientChannelAttention, takes: [] },
  { name: "scse", block: spatialChannelSqueezeExcite, takes: ["r", "round"] },
  { name: "no-squeeze", block: noSqueeze, takes: ["r", "round", "bias"] },
];

/** Ways to make one number of each channel. */
export const squeezes: readonly { readonly name: string; readonly squeeze: (x: Value, s: Scope) => Value }[] = [
  { name: "avg", squeeze: averageSqueeze },
  { name: "max", squeeze: maxSqueeze },
  { name: "avgmax", squeeze: averageMaxSqueeze },
];

/** Functions that make the gate (Hu et al. v4, section 6.3; the hard sigmoid is MobileNetV3's). */
export const excitations: readonly { readonly name: string; readonly excitation: (x: Value) => Value }[] = [
  { name: "sigmoid", excitation: sigmoid },
  { name: "tanh", excitation: tanh },
  { name: "relu", excitation: relu },
  { name: "hardsigmoid", excitation: hardsigmoid },
];
