import { GraphError, type Value } from "../src/graph/graph.js";
import { batchNorm2d, type Conv2dOptions, conv2d, linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import { isRanked } from "../src/graph/type.js";
import type { Architecture } from "./architecture.js";
import { averagePool3, type Branches, halve, maxPool3, parallel, type Step } from "./branches.js";

/**
 * Channels of a module: 1x1; 1x1 before the 3x3, 3x3; 1x1 before the two 3x3, first, second; which pool, 1x1 after it.
 * Where the size halves there is no first branch, and the pool is the whole of the last.
 */
type Row =
  | readonly [number, number, number, number, number, number, "average" | "max", number]
  | readonly [null, number, number, number, number, number, "halve"];

/** Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167, Figure 5, with the channels of the Caffe model that the SE paper built on. */
const STAGES: readonly (readonly [stage: number, modules: Readonly<Record<string, Row>>])[] = [
  [
    3,
    {
      inception_3a: [64, 64, 64, 64, 96, 96, "average", 32],
      inception_3b: [64, 64, 96, 64, 96, 96, "average", 64],
      inception_3c: [null, 128, 160, 64, 96, 96, "halve"],
    },
  ],
  [
    4,
    {
      inception_4a: [224, 64, 96, 96, 128, 128, "average", 128],
      inception_4b: [192, 96, 128, 96, 128, 128, "average", 128],
      inception_4c: [160, 128, 160, 128, 160, 160, "average", 128],
      inception_4d: [96, 128, 192, 160, 192, 192, "average", 128],
      inception_4e: [null, 128, 192, 192, 256, 256, "halve"],
    },
  ],
  [
    5,
    {
      inception_5a: [352, 192, 320, 160, 224, 224, "average", 128],
      inception_5b: [352, 192, 320, 192, 224, 224, "max", 128],
    },
  ],
];

/**
 * BN-Inception as in Caffe's SE-BN-Inception: no biases in convolutions, pools rounded up. Names are those of Cadene's port
 * (`inception_3a_3x3_reduce`, `inception_3a_3x3_reduce_bn`). SE follows the concatenation of all ten modules, as `inception_3a.se`.
 * Images are as wide as a multiple of 32, or up to 6 pixels more, since modules 3c and 4e can only halve even sizes.
 */
export const bn_inception: Architecture = {
  input: { size: 224, min: 64 },
  stages: [3, 4, 5],
  build(image, s, { classes, excite, feature }) {
    let x = feature("conv1_relu_7x7", conv("conv1_7x7_s2", 64, 7, { stride: 2 })(image, s));
    x = conv("conv2_3x3_reduce", 64)(halve("pool1_3x3_s2", { ceil: true })(x, s), s);
    x = feature("conv2_relu_3x3", conv("conv2_3x3", 192, 3)(x, s));
    x = halve("pool2_3x3_s2", { ceil: true })(x, s);
    for (const [stage, modules] of STAGES)
      for (const [name, row] of Object.entries(modules)) {
        if (row[6] === "halve") requireEven(x, name);
        const y = parallel(x, s, branches(name, row), name);
        x = feature(name, excite(y, s.at(name).at("se"), { stage }));
      }
    const pooled = flatten(globalAveragePool(x, { name: "global_pool" }));
    return classes ? linear(pooled, s.at("last_linear"), classes) : pooled;
  },
};

/** Convolution, normalisation, ReLU. Parameters `name`.weight, `name`_bn.*. */
const conv =
  (name: string, out: number, kernel: Conv2dOptions["kernel"] = 1, { stride = 1 } = {}): Step =>
  (x, s) =>
    relu(batchNorm2d(conv2d(x, s.at(name), out, { kernel, stride }), s.at(`${name}_bn`)));

function branches(name: string, [one, reduce3, three, reduceDouble, first, second, pool, projection]: Row): Branches {
  const stride = pool === "halve" ? 2 : 1;
  const size3 = [conv(`${name}_3x3_reduce`, reduce3), conv(`${name}_3x3`, three, 3, { stride })];
  const double3 = [
    conv(`${name}_double_3x3_reduce`, reduceDouble),
    conv(`${name}_double_3x3_1`, first, 3),
    conv(`${name}_double_3x3_2`, second, 3, { stride }),
  ];
  if (pool === "halve") return [size3, double3, [halve(`${name}_pool`, { ceil: true })]];
  const pooled = pool === "max" ? maxPool3(`${name}_pool`) : averagePool3(`${name}_pool`);
  return [[conv(`${name}_1x1`, one)], size3, double3, [pooled, conv(`${name}_pool_proj`, projection)]];
}

/** The padded convolutions round an odd size up, and the pool beside them rounds it down. */
function requireEven(x: Value, name: string): void {
  const size = isRanked(x.type) ? x.type.shape[2] : null;
  if (typeof size === "number" && size % 2)
    throw new GraphError(
      `'${name}' can halve only an even size, but this input brings it maps of ${size}x${size}: choose an input size that is a multiple of 32`,
    );
}
