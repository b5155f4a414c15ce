import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, type Conv2dOptions, conv2d } from "../src/graph/layers.js";
import type { Scope } from "../src/graph/scope.js";
import { sameConv2d } from "./tensorflow.js";

/** Element by element; what it needs beside x it shares in the network of `s`. */
export type Activation = (x: Value, s: Scope) => Value;

/** Where the scale of a branch's last normalisation starts, so that random networks of any depth keep their activations near 1. */
export const BRANCH_GAMMA = 0.5;

export interface ConvNormOptions extends Omit<Conv2dOptions, "bias" | "padding"> {
  /** As conv2d's; "same": TensorFlow's. */
  readonly padding?: Conv2dOptions["padding"] | "same" | undefined;
  /** Of the normalisation. */
  readonly epsilon?: number;
  /** Where the scale of the normalisation starts. */
  readonly gamma?: number;
  /** None: linear. */
  readonly activation?: Activation;
}

/** torchvision's Conv2dNormActivation. x [N,C,H,W] -> [N,out,H',W']; parameters 0.weight of the convolution, 1.* of the normalisation. */
export function convNorm(x: Value, s: Scope, out: number, options: ConvNormOptions = {}): Value {
  const { epsilon = 1e-5, gamma = 1, activation = (y) => y, padding, ...convolution } = options;
  const y =
    padding === "same"
      ? sameConv2d(x, s.at(0), out, convolution)
      : conv2d(x, s.at(0), out, { ...convolution, ...(padding !== undefined && { padding }) });
  return activation(batchNorm2d(y, s.at(1), { epsilon, gamma }), s);
}
