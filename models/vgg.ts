import { GraphError, type Value } from "../src/graph/graph.js";
import { batchNorm2d, conv2d, linear } from "../src/graph/layers.js";
import { averagePool } from "../src/graph/ops/average-pool.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { matMul } from "../src/graph/ops/mat-mul.js";
import { maxPool } from "../src/graph/ops/max-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import { float32s } from "../src/graph/tensor.js";
import { isRanked } from "../src/graph/type.js";
import type { Architecture } from "./architecture.js";

/** Channels of the 3x3 convolutions of each stage (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556, Table 1). */
type Widths = readonly (readonly number[])[];
const A: Widths = [[64], [128], [256, 256], [512, 512], [512, 512]];
const B: Widths = [
  [64, 64],
  [128, 128],
  [256, 256],
  [512, 512],
  [512, 512],
];
const D: Widths = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];
const E: Widths = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
];

export const vgg11 = /* @__PURE__ */ vgg(A);
export const vgg13 = /* @__PURE__ */ vgg(B);
export const vgg16 = /* @__PURE__ */ vgg(D);
export const vgg19 = /* @__PURE__ */ vgg(E);
// With a normalisation after each convolution, as in the SE paper. The convolutions keep their biases, as in torchvision.
export const vgg11_bn = /* @__PURE__ */ vgg(A, { norm: true });
export const vgg13_bn = /* @__PURE__ */ vgg(B, { norm: true });
export const vgg16_bn = /* @__PURE__ */ vgg(D, { norm: true });
export const vgg19_bn = /* @__PURE__ */ vgg(E, { norm: true });

/**
 * Stages of 3x3 convolutions, each of which a pool ends, and three linear layers. SE follows the ReLU of every convolution (Hu et al. v4,
 * https://arxiv.org/abs/1709.01507, section 3.3), or of the last one of each stage. Numbers in names are indices in torchvision's `features`
 * and `classifier`: SE is `features.N.se`, and a stage's last map, before its pool, is the feature `features.N`, N being the ReLU's.
 * The least image, 32x32, is one pixel after the five pools.
 */
function vgg(stages: Widths, { norm = false } = {}): Architecture {
  return {
    input: { size: 224, min: 32 },
    stages: [1, 2, 3, 4, 5],
    places: ["every", "last"],
    build(image, s, { classes, excite, feature }) {
      let index = 0;
      const next = (): Scope => s.at("features").at(index++);
      let x = image;
      for (const [i, widths] of stages.entries()) {
        for (const [j, width] of widths.entries()) {
          x = conv2d(x, next(), width, { kernel: 3, bias: true });
          if (norm) x = batchNorm2d(x, next());
          const activation = next();
          x = relu(x, { name: activation.path });
          const places = j === widths.length - 1 ? ["every", "last"] : ["every"];
          x = excite(x, activation.at("se"), { stage: i + 1, places });
        }
        x = feature(`features.${index - 1}`, x);
        x = maxPool(x, { name: next().path, kernel_shape: [2, 2], strides: [2, 2] });
      }
      const classifier = s.at("classifier");
      x = flatten(poolToGrid(x, s.at("avgpool")));
      x = relu(linear(x, classifier.at(0), 4096), { name: classifier.name("1") });
      x = relu(linear(x, classifier.at(3), 4096), { name: classifier.name("4") });
      return classes ? linear(x, classifier.at(6), classes) : x;
    },
  };
}

/** Pixels on each side of what the first linear layer reads. */
const GRID = 7;

/** PyTorch's AdaptiveAvgPool2d(7). x [N,C,H,H] -> [N,C,7,7]: x itself where H is 7, equal windows where 7 divides H, else a product A x A^T. */
function poolToGrid(x: Value, s: Scope): Value {
  const size = isRanked(x.type) ? x.type.shape[2] : null;
  if (typeof size !== "number")
    throw new GraphError(`the height of '${x.name}' is not known, so no pool of it can be made`);
  if (size === GRID) return x;
  if (size % GRID === 0) {
    const window = [size / GRID, size / GRID];
    return averagePool(x, { name: s.path, kernel_shape: window, strides: window });
  }
  const rows = Array.from({ length: GRID }, (_, i) => meanOver(i, size));
  const columns = Array.from({ length: size }, (_, j) => rows.map((row) => row[j] ?? 0));
  const a = s.graph.constant(s.name("rows"), float32s(rows.flat(), [GRID, size]));
  const transposed = s.graph.constant(s.name("columns"), float32s(columns.flat(), [size, GRID]));
  return matMul(matMul(a, x, { name: s.name("MatMul") }), transposed, { name: s.path });
}

/** Row i of A: the mean over [floor(i size / 7), ceil((i + 1) size / 7)), windows that may overlap. */
function meanOver(i: number, size: number): readonly number[] {
  const [start, end] = [Math.floor((i * size) / GRID), Math.ceil(((i + 1) * size) / GRID)];
  return Array.from({ length: size }, (_, j) => (j >= start && j < end ? 1 / (end - start) : 0));
}
