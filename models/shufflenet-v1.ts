import { GraphError, type Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import { averagePool } from "../src/graph/ops/average-pool.js";
import { concat } from "../src/graph/ops/concat.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { maxPool } from "../src/graph/ops/max-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import { reshape } from "../src/graph/ops/reshape.js";
import { transpose } from "../src/graph/ops/transpose.js";
import type { Scope } from "../src/graph/scope.js";
import { int64s } from "../src/graph/tensor.js";
import { isRanked } from "../src/graph/type.js";
import type { Architecture } from "./architecture.js";
import { BRANCH_GAMMA } from "./conv-norm.js";

/** Zhang et al. 2017, https://arxiv.org/abs/1707.01083, Table 1, g = 3. */
const GROUPS = 3;
const STAGES = [
  { stage: 2, repeats: 4, width: 240 },
  { stage: 3, repeats: 8, width: 480 },
  { stage: 4, repeats: 4, width: 960 },
];
/** 3x3 at stride 2: H -> floor((H - 1) / 2) + 1. */
const HALVE = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };

/** x [N,C,H,W] with channel i of group g in place i * groups + g, for any N (Fig. 1c). */
function shuffle(x: Value, s: Scope, groups: number): Value {
  const channels = channelsOf(x);
  const [height, width] = isRanked(x.type) ? x.type.shape.slice(2) : [];
  if (typeof height !== "number" || typeof width !== "number")
    throw new GraphError(`the size of '${x.name}' is not known, so its channels cannot be shuffled`);
  const shape = (name: string, dims: readonly number[]): Value => s.graph.constant(s.name(name), int64s(dims));
  const grouped = reshape(x, shape("grouped", [0, groups, channels / groups, height * width]));
  const mixed = transpose(grouped, { perm: [0, 2, 1, 3] });
  return reshape(mixed, shape("shape", [0, channels, height, width]), { name: s.path });
}

interface UnitOptions {
  readonly out: number;
  readonly stride: 1 | 2;
  /** Of the first 1x1. */
  readonly groups: number;
  readonly excite: (y: Value, places: readonly string[]) => Value;
}
/** Grouped 1x1 to a quarter of `out`, shuffle, 3x3 depthwise, grouped 1x1; added to x, or at stride 2 concatenated with its mean (Fig. 2b and c). */
function unit(x: Value, s: Scope, { out, stride, groups, excite }: UnitOptions): Value {
  const middle = out / 4;
  const grow = stride === 2;
  let y = relu(batchNorm2d(conv2d(x, s.at("compress_conv1"), middle, { groups }), s.at("compress_bn1")));
  y = shuffle(y, s.at("c_shuffle"), GROUPS);
  y = batchNorm2d(conv2d(y, s.at("dw_conv2"), middle, { kernel: 3, stride, groups: middle }), s.at("dw_bn2"));
  y = conv2d(y, s.at("expand_conv3"), grow ? out - channelsOf(x) : out, { groups: GROUPS });
  y = batchNorm2d(y, s.at("expand_bn3"), { gamma: BRANCH_GAMMA });
  y = excite(y, grow ? ["branch"] : ["branch", "branch_s1"]);
  const joined = grow ? beside(y, x, s) : add(y, x, { name: s.name("add") });
  return excite(relu(joined, { name: s.path }), ["unit"]);
}

/** y, and the mean of x at y's size, whose divisor is 9 at the edges too. */
function beside(y: Value, x: Value, s: Scope): Value {
  const mean = averagePool(x, { name: s.name("avgpool"), ...HALVE, count_include_pad: 1 });
  return concat([y, mean], { axis: 1, name: s.name("concat") });
}

/**
 * SE on the branch before it is joined, in every unit ("branch") or only in those at stride 1 ("branch_s1"), or on what the unit gives ("unit").
 * Parameter names are those of imgclsmob (https://github.com/osmr/imgclsmob), with `features.stageS.unitU.se`; its stage S is the paper's S + 1,
 * by which --se-stages counts.
 */
export const shufflenet_v1_g3: Architecture = {
  input: { size: 224, min: 32 },
  stages: [2, 3, 4],
  places: ["branch", "branch_s1", "unit"],
  build(image, s, { classes, excite, feature }) {
    const features = s.at("features");
    const first = features.at("init_block");
    let x = relu(batchNorm2d(conv2d(image, first.at("conv"), 24, { kernel: 3, stride: 2 }), first.at("bn")));
    x = feature(first.path, maxPool(x, { name: first.name("pool"), ...HALVE }));
    for (const { stage, repeats, width } of STAGES) {
      const module = features.at(`stage${stage - 1}`);
      for (let i = 1; i <= repeats; i++) {
        const place = module.at(`unit${i}`);
        x = unit(x, place, {
          out: width,
          stride: i === 1 ? 2 : 1,
          groups: stage === 2 && i === 1 ? 1 : GROUPS, // 24 channels are too few to group
          excite: (y, places) => excite(y, place.at("se"), { stage, places }),
        });
      }
      x = feature(module.path, x);
    }
    const pooled = flatten(globalAveragePool(x, { name: "final_pool" }));
    return classes ? linear(pooled, s.at("output"), classes) : pooled;
  },
};
