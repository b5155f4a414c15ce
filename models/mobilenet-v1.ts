import { relu6 } from "../src/graph/activations.js";
import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture } from "./architecture.js";

/**
 * Channels of each unit, those with maps of one size together (Howard et al. 2017, https://arxiv.org/abs/1704.04861, Table 1). The first of a
 * group has stride 2, but for the very first.
 */
const WIDTHS = [[64], [128, 128], [256, 256], [512, 512, 512, 512, 512, 512], [1024, 1024]];

/** 3x3 depthwise, then 1x1 to `out` channels, ReLU6 after each as in TF-slim and timm (the paper's is ReLU). SE is `se` in both placements. */
function separable(x: Value, s: Scope, out: number, stride: number, excite: (x: Value, place: string) => Value): Value {
  const groups = channelsOf(x);
  let y = conv2d(x, s.at("conv_dw"), groups, { kernel: 3, stride, groups });
  y = excite(relu6(batchNorm2d(y, s.at("bn1")), s), "dw");
  return excite(relu6(batchNorm2d(conv2d(y, s.at("conv_pw"), out), s.at("bn2")), s), "pw");
}

/** Parameter names are those of timm's mobilenetv1_100. The maps of stage n, which is `blocks.(n-1)`, are 1/2^n as long as the image. */
export const mobilenet_v1: Architecture = {
  input: { size: 224, min: 32 },
  stages: [1, 2, 3, 4, 5],
  places: ["pw", "dw"],
  build(image, s, { classes, excite, feature }) {
    let x = relu6(batchNorm2d(conv2d(image, s.at("conv_stem"), 32, { kernel: 3, stride: 2 }), s.at("bn1")), s);
    for (const [i, widths] of WIDTHS.entries()) {
      const group = s.at("blocks").at(i);
      for (const [j, width] of widths.entries()) {
        const unit = group.at(j);
        const at = (y: Value, place: string): Value => excite(y, unit.at("se"), { stage: i + 1, places: [place] });
        x = separable(x, unit, width, i > 0 && j === 0 ? 2 : 1, at);
      }
      x = feature(group.path, x);
    }
    const pooled = flatten(globalAveragePool(x, { name: "global_pool" }));
    return classes ? linear(pooled, s.at("classifier"), classes) : pooled;
  },
};
