import { relu6 } from "../src/graph/activations.js";
import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture } from "./architecture.js";
import { BRANCH_GAMMA, convNorm } from "./conv-norm.js";

/** Expansion t, channels c, repeats n and the stride s of the first (Sandler et al. 2018, https://arxiv.org/abs/1801.04381, Table 2). */
const ROWS = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
];

interface BlockOptions {
  readonly t: number;
  readonly out: number;
  readonly stride: number;
  readonly excite: (x: Value, place: string) => Value;
}
/** 1x1 to t times the channels (left out where t is 1), 3x3 depthwise, 1x1 without activation; x is added where its shape is kept (Fig. 4d). */
function block(x: Value, s: Scope, { t, out, stride, excite }: BlockOptions): Value {
  const channels = channelsOf(x);
  const expanded = t * channels;
  const conv = s.at("conv");
  const kept = stride === 1 && out === channels;
  let index = 0;
  let y = x;
  if (t > 1) y = convNorm(y, conv.at(index++), expanded, { activation: relu6 });
  y = convNorm(y, conv.at(index++), expanded, { kernel: 3, stride, groups: expanded, activation: relu6 });
  y = excite(y, "dw");
  y = batchNorm2d(conv2d(y, conv.at(index++), out), conv.at(index), { gamma: kept ? BRANCH_GAMMA : 1 });
  y = excite(y, "out");
  return kept ? add(y, x, { name: s.path }) : y;
}

/** Parameter names are torchvision's; SE is `features.N.se` in both placements. The maps of stage n are 1/2^n as long as the image. */
export const mobilenet_v2: Architecture = {
  input: { size: 224, min: 32 },
  stages: [1, 2, 3, 4, 5],
  places: ["out", "dw"],
  build(image, s, { classes, excite, feature }) {
    let index = 0;
    let stage = 1;
    const next = (): Scope => s.at("features").at(index++);
    let x = feature("features.0", convNorm(image, next(), 32, { kernel: 3, stride: 2, activation: relu6 }));
    for (const { t, c, n, s: first } of ROWS) {
      if (first === 2) stage++;
      for (let i = 0; i < n; i++) {
        const unit = next();
        const at = (y: Value, place: string): Value => excite(y, unit.at("se"), { stage, places: [place] });
        x = feature(unit.path, block(x, unit, { t, out: c, stride: i === 0 ? first : 1, excite: at }));
      }
    }
    const last = next();
    x = feature(last.path, convNorm(x, last, 1280, { activation: relu6 }));
    const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
    return classes ? linear(pooled, s.at("classifier").at(1), classes) : pooled;
  },
};
