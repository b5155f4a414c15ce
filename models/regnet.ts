import type { Value } from "../src/graph/graph.js";
import { channelsOf, linear } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { type Activation, BRANCH_GAMMA, convNorm } from "./conv-norm.js";

/** To the nearest whole number, halves to the even one, as Python's round. */
const roundHalfEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** A quarter of the channels that enter the block. */
const SE: OwnSqueezeExcite = { r: 4, bias: true, round: roundHalfEven };

const activation: Activation = (x) => relu(x);

/** A number for each stage. */
type ByStage = readonly [number, number, number, number];

// Channels of a group of the 3x3, blocks of a stage, channels of a stage: Radosavovic et al. 2020 (https://arxiv.org/abs/2003.13678, Table 4),
// with the widths that torchvision makes of them.
export const regnet_y_400mf = /* @__PURE__ */ regnetY(8, [1, 3, 6, 6], [48, 104, 208, 440]);
export const regnet_y_800mf = /* @__PURE__ */ regnetY(16, [1, 3, 8, 2], [64, 144, 320, 784]);
export const regnet_y_1_6gf = /* @__PURE__ */ regnetY(24, [2, 6, 17, 2], [48, 120, 336, 888]);
export const regnet_y_3_2gf = /* @__PURE__ */ regnetY(24, [2, 5, 13, 1], [72, 216, 576, 1512]);
export const regnet_y_8gf = /* @__PURE__ */ regnetY(56, [2, 4, 10, 1], [224, 448, 896, 2016]);
export const regnet_y_16gf = /* @__PURE__ */ regnetY(112, [2, 4, 11, 1], [224, 448, 1232, 3024]);
export const regnet_y_32gf = /* @__PURE__ */ regnetY(232, [2, 5, 12, 1], [232, 696, 1392, 3712]);

interface BlockOptions {
  readonly out: number;
  readonly stride: number;
  readonly groups: number;
  readonly excite: (y: Value, s: Scope) => Value;
}
/** 1x1, grouped 3x3, SE, 1x1, all of `out` channels, and the sum with x, which a 1x1 brings to its shape (the Y block, Fig. 11 and section 5). */
function block(x: Value, s: Scope, { out, stride, groups, excite }: BlockOptions): Value {
  const f = s.at("f");
  let y = convNorm(x, f.at("a"), out, { activation });
  y = convNorm(y, f.at("b"), out, { kernel: 3, stride, groups, activation });
  y = excite(y, f.at("se"));
  y = convNorm(y, f.at("c"), out, { gamma: BRANCH_GAMMA });
  const skip = stride === 1 && out === channelsOf(x) ? x : convNorm(x, s.at("proj"), out, { stride });
  return relu(add(y, skip, { name: s.name("add") }), { name: s.path });
}

/** Parameter names are torchvision's: SE is `trunk_output.blockN.blockN-J.f.se`. Stage n is `trunk_output.block<n>`. */
function regnetY(group: number, depths: ByStage, widths: ByStage): Architecture {
  return {
    input: { size: 224, min: 32 },
    stages: [1, 2, 3, 4],
    se: SE,
    build(image, s, { classes, excite, feature }) {
      let x = feature("stem", convNorm(image, s.at("stem"), 32, { kernel: 3, stride: 2, activation }));
      for (const i of [0, 1, 2, 3] as const) {
        const [stage, depth, width] = [i + 1, depths[i], widths[i]];
        const module = s.at("trunk_output").at(`block${stage}`);
        for (let j = 0; j < depth; j++) {
          const base = channelsOf(x);
          x = block(x, module.at(`block${stage}-${j}`), {
            out: width,
            stride: j === 0 ? 2 : 1,
            groups: width / group,
            excite: (y, at) => excite(y, at, { stage, base }),
          });
        }
        x = feature(module.path, x);
      }
      const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
      return classes ? linear(pooled, s.at("fc"), classes) : pooled;
    },
  };
}
