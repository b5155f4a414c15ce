import { silu } from "../src/graph/activations.js";
import { channelsOf, linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { convNorm } from "./conv-norm.js";
import { makeDivisible } from "./divisible.js";
import { invertedResidual } from "./inverted-residual.js";
import { TENSORFLOW } from "./tensorflow.js";

/** Expansion e, kernel k, the stride s of the first, channels c and repeats n of B0 (Tan and Le 2019, https://arxiv.org/abs/1905.11946, Table 1). */
const STAGES = [
  { e: 1, k: 3, s: 1, c: 16, n: 1 },
  { e: 6, k: 3, s: 2, c: 24, n: 2 },
  { e: 6, k: 5, s: 2, c: 40, n: 2 },
  { e: 6, k: 3, s: 2, c: 80, n: 3 },
  { e: 6, k: 5, s: 1, c: 112, n: 3 },
  { e: 6, k: 5, s: 2, c: 192, n: 4 },
  { e: 6, k: 3, s: 1, c: 320, n: 1 },
];
const STEM = 32;
const HEAD = 1280;

/** A quarter of the channels that enter the block, before its expansion. */
const SE: OwnSqueezeExcite = {
  r: 4,
  bias: true,
  round: (units) => Math.max(1, Math.floor(units)),
  activation: silu,
};

/** By how much wider and deeper than B0. */
interface Scaling {
  readonly w: number;
  readonly d: number;
}
const B0: Scaling = { w: 1.0, d: 1.0 };
const B1: Scaling = { w: 1.0, d: 1.1 };
const B2: Scaling = { w: 1.1, d: 1.2 };
const B3: Scaling = { w: 1.2, d: 1.4 };
const B4: Scaling = { w: 1.4, d: 1.8 };
const B5: Scaling = { w: 1.6, d: 2.2 };
const B6: Scaling = { w: 1.8, d: 2.6 };
const B7: Scaling = { w: 2.0, d: 3.1 };

// Input sizes and epsilons are torchvision's.
export const efficientnet_b0 = /* @__PURE__ */ efficientnet(B0, 224);
export const efficientnet_b1 = /* @__PURE__ */ efficientnet(B1, 240);
export const efficientnet_b2 = /* @__PURE__ */ efficientnet(B2, 288);
export const efficientnet_b3 = /* @__PURE__ */ efficientnet(B3, 300);
export const efficientnet_b4 = /* @__PURE__ */ efficientnet(B4, 380);
export const efficientnet_b5 = /* @__PURE__ */ efficientnet(B5, 456, { epsilon: 1e-3 });
export const efficientnet_b6 = /* @__PURE__ */ efficientnet(B6, 528, { epsilon: 1e-3 });
export const efficientnet_b7 = /* @__PURE__ */ efficientnet(B7, 600, { epsilon: 1e-3 });

/** What timm calls efficientnet_b5: torchvision's with the usual epsilon. B0 to B4 have it in both. */
export const timm_efficientnet_b5 = /* @__PURE__ */ efficientnet(B5, 448);

// The networks of the paper's own weights, with timm's names and input sizes.
export const tf_efficientnet_b0 = /* @__PURE__ */ efficientnet(B0, 224, TENSORFLOW);
export const tf_efficientnet_b1 = /* @__PURE__ */ efficientnet(B1, 240, TENSORFLOW);
export const tf_efficientnet_b2 = /* @__PURE__ */ efficientnet(B2, 260, TENSORFLOW);
export const tf_efficientnet_b3 = /* @__PURE__ */ efficientnet(B3, 300, TENSORFLOW);
export const tf_efficientnet_b4 = /* @__PURE__ */ efficientnet(B4, 380, TENSORFLOW);
export const tf_efficientnet_b5 = /* @__PURE__ */ efficientnet(B5, 456, TENSORFLOW);
export const tf_efficientnet_b6 = /* @__PURE__ */ efficientnet(B6, 528, TENSORFLOW);
export const tf_efficientnet_b7 = /* @__PURE__ */ efficientnet(B7, 600, TENSORFLOW);

interface EfficientNetOptions {
  /** Of every normalisation. */
  readonly epsilon?: number;
  /** Of every convolution; half its kernel on each side unless given. */
  readonly padding?: "same";
}
/** Parameter names are torchvision's, SE's too: `features.S.J.block.M`. Stage n is `features.n`. */
function efficientnet(
  { w, d }: Scaling,
  size: number,
  { epsilon = 1e-5, padding }: EfficientNetOptions = {},
): Architecture {
  const wider = (channels: number): number => makeDivisible(channels * w, 8);
  const plain = { activation: silu, epsilon, padding };
  return {
    input: { size, min: 32 },
    stages: STAGES.map((_, i) => i + 1),
    se: SE,
    build(image, s, { classes, excite, feature }) {
      const features = s.at("features");
      let x = feature("features.0", convNorm(image, features.at(0), wider(STEM), { kernel: 3, stride: 2, ...plain }));
      for (const [i, { e, k, s: first, c, n }] of STAGES.entries()) {
        const module = features.at(i + 1);
        for (let j = 0; j < Math.ceil(n * d); j++) {
          const base = channelsOf(x);
          x = invertedResidual(x, module.at(j), {
            kernel: k,
            stride: j === 0 ? first : 1,
            expanded: e * base,
            out: wider(c),
            excite: (y, at) => excite(y, at, { stage: i + 1, base }),
            ...plain,
          });
        }
        x = feature(module.path, x);
      }
      const head = features.at(STAGES.length + 1);
      x = feature(head.path, convNorm(x, head, wider(HEAD), plain));
      const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
      return classes ? linear(pooled, s.at("classifier").at(1), classes) : pooled;
    },
  };
}
