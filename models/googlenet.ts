import { linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import type { Architecture } from "./architecture.js";
import { type Branches, conv, halve, maxPool3, parallel, type Step } from "./branches.js";

/** Channels of a module: 1x1; 1x1 before the 3x3, 3x3; 1x1 before the 5x5, 5x5; 1x1 after the pool. */
type Row = readonly [number, number, number, number, number, number];
interface Stage {
  readonly stage: number;
  /** What is done before the first module. */
  readonly pool: Step;
  readonly modules: Readonly<Record<string, Row>>;
}
/** Szegedy et al. 2014, https://arxiv.org/abs/1409.4842, Table 1. */
const STAGES: readonly Stage[] = [
  {
    stage: 3,
    pool: /* @__PURE__ */ halve("maxpool2", { ceil: true }),
    modules: {
      inception3a: [64, 96, 128, 16, 32, 32],
      inception3b: [128, 128, 192, 32, 96, 64],
    },
  },
  {
    stage: 4,
    pool: /* @__PURE__ */ halve("maxpool3", { ceil: true }),
    modules: {
      inception4a: [192, 96, 208, 16, 48, 64],
      inception4b: [160, 112, 224, 24, 64, 64],
      inception4c: [128, 128, 256, 24, 64, 64],
      inception4d: [112, 144, 288, 32, 64, 64],
      inception4e: [256, 160, 320, 32, 128, 128],
    },
  },
  {
    stage: 5,
    pool: /* @__PURE__ */ halve("maxpool4", { kernel: 2, ceil: true }),
    modules: {
      inception5a: [256, 160, 320, 32, 128, 128],
      inception5b: [384, 192, 384, 48, 128, 128],
    },
  },
];

/** torchvision's GoogLeNet: normalised, 3x3 convolutions where the paper has 5x5, the last pool 2x2, no auxiliary heads. */
export const googlenet = /* @__PURE__ */ inception(3);
/** The same with the paper's 5x5 convolutions. */
export const googlenet_5x5 = /* @__PURE__ */ inception(5);

/** `five`: the kernel of the third branch. SE follows the concatenation of every module, as `inception3a.se`. */
function inception(five: 3 | 5): Architecture {
  const branches = ([one, reduce3, three, reduce5, fives, projection]: Row): Branches => [
    [conv("branch1", one)],
    [conv("branch2.0", reduce3), conv("branch2.1", three, 3)],
    [conv("branch3.0", reduce5), conv("branch3.1", fives, five)],
    [maxPool3("branch4.0"), conv("branch4.1", projection)],
  ];
  return {
    input: { size: 224, min: 32 },
    stages: STAGES.map(({ stage }) => stage),
    build(image, s, { classes, excite, feature }) {
      let x = feature("conv1", conv("conv1", 64, 7, { stride: 2 })(image, s));
      x = conv("conv2", 64)(halve("maxpool1", { ceil: true })(x, s), s);
      x = feature("conv3", conv("conv3", 192, 3)(x, s));
      for (const { stage, pool, modules } of STAGES) {
        x = pool(x, s);
        for (const [name, row] of Object.entries(modules)) {
          const module = s.at(name);
          x = feature(name, excite(parallel(x, module, branches(row)), module.at("se"), { stage }));
        }
      }
      const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
      return classes ? linear(pooled, s.at("fc"), classes) : pooled;
    },
  };
}
