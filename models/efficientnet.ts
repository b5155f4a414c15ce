import { silu } from "../src/graph/activations.js";
import { channelsOf, linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { convNorm } from "./conv-norm.js";
import { makeDivisible } from "./divisible.js";
import { invertedResidual } from "./inverted-residual.js";

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

interface Scaling {
  /** By how much wider and deeper than B0. */
  readonly w: number;
  readonly d: number;
  /** Pixels on each side. */
  readonly size: number;
  /** Of every normalisation. */
  readonly epsilon?: number;
}
// Input sizes and epsilons are torchvision's.
export const efficientnet_b0 = /* @__PURE__ */ efficientnet({ w: 1.0, d: 1.0, size: 224 });
export const efficientnet_b1 = /* @__PURE__ */ efficientnet({ w: 1.0, d: 1.1, size: 240 });
export const efficientnet_b2 = /* @__PURE__ */ efficientnet({ w: 1.1, d: 1.2, size: 288 });
export const efficientnet_b3 = /* @__PURE__ */ efficientnet({ w: 1.2, d: 1.4, size: 300 });
export const efficientnet_b4 = /* @__PURE__ */ efficientnet({ w: 1.4, d: 1.8, size: 380 });
export const efficientnet_b5 = /* @__PURE__ */ efficientnet({ w: 1.6, d: 2.2, size: 456, epsilon: 1e-3 });
export const efficientnet_b6 = /* @__PURE__ */ efficientnet({ w: 1.8, d: 2.6, size: 528, epsilon: 1e-3 });
export const efficientnet_b7 = /* @__PURE__ */ efficientnet({ w: 2.0, d: 3.1, size: 600, epsilon: 1e-3 });

/** Parameter names are torchvision's, SE's too: `features.S.J.block.M`. Stage n is `features.n`. */
function efficientnet({ w, d, size, epsilon = 1e-5 }: Scaling): Architecture {
  const wider = (channels: number): number => makeDivisible(channels * w, 8);
  const plain = { activation: silu, epsilon };
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
