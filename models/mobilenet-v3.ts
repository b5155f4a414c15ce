import { hardsigmoid, hardswish } from "../src/graph/activations.js";
import { linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { type Activation, convNorm } from "./conv-norm.js";
import { makeDivisible } from "./divisible.js";
import { invertedResidual } from "./inverted-residual.js";
import { TENSORFLOW } from "./tensorflow.js";

/** Kernel, expanded channels, channels, whether SE, activation (RE: ReLU, HS: hard-swish), stride. */
type Row = readonly [k: number, exp: number, out: number, se: boolean, nl: "RE" | "HS", s: number];
/** Howard et al. 2019, https://arxiv.org/abs/1905.02244, Table 1. */
const LARGE: readonly Row[] = [
  [3, 16, 16, false, "RE", 1],
  [3, 64, 24, false, "RE", 2],
  [3, 72, 24, false, "RE", 1],
  [5, 72, 40, true, "RE", 2],
  [5, 120, 40, true, "RE", 1],
  [5, 120, 40, true, "RE", 1],
  [3, 240, 80, false, "HS", 2],
  [3, 200, 80, false, "HS", 1],
  [3, 184, 80, false, "HS", 1],
  [3, 184, 80, false, "HS", 1],
  [3, 480, 112, true, "HS", 1],
  [3, 672, 112, true, "HS", 1],
  [5, 672, 160, true, "HS", 2],
  [5, 960, 160, true, "HS", 1],
  [5, 960, 160, true, "HS", 1],
];
/** Table 2. */
const SMALL: readonly Row[] = [
  [3, 16, 16, true, "RE", 2],
  [3, 72, 24, false, "RE", 2],
  [3, 88, 24, false, "RE", 1],
  [5, 96, 40, true, "HS", 2],
  [5, 240, 40, true, "HS", 1],
  [5, 240, 40, true, "HS", 1],
  [5, 120, 48, true, "HS", 1],
  [5, 144, 48, true, "HS", 1],
  [5, 288, 96, true, "HS", 2],
  [5, 576, 96, true, "HS", 1],
  [5, 576, 96, true, "HS", 1],
];
const ACTIVATIONS: Readonly<Record<Row[4], Activation>> = { RE: (x) => relu(x), HS: hardswish };
/** A quarter of the expanded channels as a multiple of 8, as torchvision rounds. */
const SE: OwnSqueezeExcite = {
  r: 4,
  bias: true,
  round: (units) => makeDivisible(Math.floor(units), 8),
  excitation: hardsigmoid,
};

const LARGE_ENDS: Ends = { last: 960, hidden: 1280, stages: [3, 4, 5] };
const SMALL_ENDS: Ends = { last: 576, hidden: 1024, stages: [2, 4, 5] };

export const mobilenet_v3_large = /* @__PURE__ */ mobilenetV3(LARGE, LARGE_ENDS, { epsilon: 1e-3 });
export const mobilenet_v3_small = /* @__PURE__ */ mobilenetV3(SMALL, SMALL_ENDS, { epsilon: 1e-3 });

// timm's names: with the usual epsilon, and as TensorFlow's weights need it.
export const mobilenetv3_large_100 = /* @__PURE__ */ mobilenetV3(LARGE, LARGE_ENDS, { epsilon: 1e-5 });
export const mobilenetv3_small_100 = /* @__PURE__ */ mobilenetV3(SMALL, SMALL_ENDS, { epsilon: 1e-5 });
export const tf_mobilenetv3_large_100 = /* @__PURE__ */ mobilenetV3(LARGE, LARGE_ENDS, TENSORFLOW);
export const tf_mobilenetv3_small_100 = /* @__PURE__ */ mobilenetV3(SMALL, SMALL_ENDS, TENSORFLOW);

interface Ends {
  /** Channels of the last convolution. */
  readonly last: number;
  /** Units between the two linear layers. */
  readonly hidden: number;
  /** Those with SE. The maps of stage n are 1/2^n as long as the image. */
  readonly stages: readonly number[];
}
interface MobileNetV3Options {
  /** Of every normalisation. */
  readonly epsilon: number;
  /** Of every convolution; half its kernel on each side unless given. */
  readonly padding?: "same";
}
/** Parameter names are torchvision's, SE's too: `features.N.block.M`, whose number stays free in a network without SE. */
function mobilenetV3(
  rows: readonly Row[],
  { last, hidden, stages }: Ends,
  { epsilon, padding }: MobileNetV3Options,
): Architecture {
  return {
    input: { size: 224, min: 32 },
    stages,
    se: SE,
    build(image, s, { classes, excite, feature }) {
      let index = 0;
      let stage = 1;
      const next = (): Scope => s.at("features").at(index++);
      const plain = { activation: hardswish, epsilon, padding };
      let x = feature("features.0", convNorm(image, next(), 16, { kernel: 3, stride: 2, ...plain }));
      for (const [kernel, expanded, out, se, nl, stride] of rows) {
        if (stride === 2) stage++;
        const unit = next();
        const options = { kernel, expanded, out, stride, epsilon, padding, activation: ACTIVATIONS[nl] };
        x = invertedResidual(x, unit, { ...options, ...(se && { excite: (y, at) => excite(y, at, { stage }) }) });
        x = feature(unit.path, x);
      }
      const end = next();
      x = feature(end.path, convNorm(x, end, last, plain));
      const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
      const embedding = hardswish(linear(pooled, s.at("classifier").at(0), hidden));
      return classes ? linear(embedding, s.at("classifier").at(3), classes) : embedding;
    },
  };
}
