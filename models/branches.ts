import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, type Conv2dOptions, conv2d } from "../src/graph/layers.js";
import { averagePool } from "../src/graph/ops/average-pool.js";
import { concat } from "../src/graph/ops/concat.js";
import { maxPool } from "../src/graph/ops/max-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";

/** One step of a branch: a layer of the module whose scope is `s`. */
export type Step = (x: Value, s: Scope) => Value;
/** What an Inception module does side by side, a list of steps each (Szegedy et al. 2014, https://arxiv.org/abs/1409.4842, Fig. 2b). */
export type Branches = readonly (readonly Step[])[];

/** Every branch of x [N,C,H,W], concatenated along the channels -> [N,sum,H',W']; throws a GraphError where their maps differ in size. */
export const parallel = (x: Value, s: Scope, branches: Branches, name = s.path): Value =>
  concat(
    branches.map((steps) => steps.reduce((y, step) => step(y, s), x)),
    { axis: 1, name },
  );

/** Convolution, normalisation with epsilon 1e-3, ReLU: torchvision's BasicConv2d. Parameters `name`.conv.weight, `name`.bn.*. */
export const conv =
  (name: string, out: number, kernel: Conv2dOptions["kernel"] = 1, options: Omit<Conv2dOptions, "kernel"> = {}): Step =>
  (x, s) => {
    const unit = s.at(name);
    const y = conv2d(x, unit.at("conv"), out, { kernel, ...options });
    return relu(batchNorm2d(y, unit.at("bn"), { epsilon: 1e-3 }), { name: unit.path });
  };

/** As `conv`, 3x3 at stride 2 without padding: H -> floor((H - 1) / 2). */
export const reduce = (name: string, out: number): Step => conv(name, out, 3, { stride: 2, padding: 0 });

const KEEP = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
/** 3x3 maximum that keeps the size. */
export const maxPool3 =
  (name: string): Step =>
  (x, s) =>
    maxPool(x, { name: s.name(name), ...KEEP });
/** 3x3 mean that keeps the size. `countPadding`: the divisor is 9 at the edges too, as Caffe's and PyTorch's; else the number of pixels there. */
export const averagePool3 =
  (name: string, { countPadding = true } = {}): Step =>
  (x, s) =>
    averagePool(x, { name: s.name(name), ...KEEP, count_include_pad: countPadding ? 1 : 0 });

/** Maximum at stride 2 without padding. `ceil`: rounded up, as in Caffe, so that the last window may hang over the edge. */
export const halve =
  (name: string, { kernel = 3, ceil = false } = {}): Step =>
  (x, s) =>
    maxPool(x, {
      name: s.name(name),
      kernel_shape: [kernel, kernel],
      strides: [2, 2],
      ...(ceil && { ceil_mode: 1 }),
    });
