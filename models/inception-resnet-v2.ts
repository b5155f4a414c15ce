import type { Value } from "../src/graph/graph.js";
import { channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { mul } from "../src/graph/ops/mul.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import { float32s } from "../src/graph/tensor.js";
import type { Architecture, BuildContext } from "./architecture.js";
import { averagePool3, type Branches, conv, halve, parallel, reduce } from "./branches.js";
import { inceptionStem, type StemNames } from "./inception-v3.js";

/** A module, named `name`, and the residual blocks behind it, named `repeat`.0 and so on. */
interface Stage {
  readonly stage: number;
  readonly name: string;
  readonly module: Branches;
  readonly repeat: string;
  readonly count: number;
  readonly block: Branches;
  /** What a residual is multiplied by before the sum. */
  readonly scale: number;
}
const block8 = (): Branches => [
  [conv("branch0", 192)],
  [conv("branch1.0", 192), conv("branch1.1", 224, [1, 3]), conv("branch1.2", 256, [3, 1])],
];
/** Channels as in TF-slim's network, by way of timm, which differ from those in the paper's figures. */
const stages = (): readonly Stage[] => [
  {
    stage: 5,
    name: "mixed_5b",
    module: [
      [conv("branch0", 96)],
      [conv("branch1.0", 48), conv("branch1.1", 64, 5)],
      [conv("branch2.0", 64), conv("branch2.1", 96, 3), conv("branch2.2", 96, 3)],
      [averagePool3("branch3.0", { countPadding: false }), conv("branch3.1", 64)],
    ],
    repeat: "repeat",
    count: 10,
    block: [
      [conv("branch0", 32)],
      [conv("branch1.0", 32), conv("branch1.1", 32, 3)],
      [conv("branch2.0", 32), conv("branch2.1", 48, 3), conv("branch2.2", 64, 3)],
    ],
    scale: 0.17,
  },
  {
    stage: 6,
    name: "mixed_6a",
    module: [
      [reduce("branch0", 384)],
      [conv("branch1.0", 256), conv("branch1.1", 256, 3), reduce("branch1.2", 384)],
      [halve("branch2")],
    ],
    repeat: "repeat_1",
    count: 20,
    block: [
      [conv("branch0", 192)],
      [conv("branch1.0", 128), conv("branch1.1", 160, [1, 7]), conv("branch1.2", 192, [7, 1])],
    ],
    scale: 0.1,
  },
  {
    stage: 7,
    name: "mixed_7a",
    module: [
      [conv("branch0.0", 256), reduce("branch0.1", 384)],
      [conv("branch1.0", 256), reduce("branch1.1", 288)],
      [conv("branch2.0", 256), conv("branch2.1", 288, 3), reduce("branch2.2", 320)],
      [halve("branch3")],
    ],
    repeat: "repeat_2",
    count: 9,
    block: block8(),
    scale: 0.2,
  },
];
const STEM: StemNames = {
  convs: ["conv2d_1a", "conv2d_2a", "conv2d_2b", "conv2d_3b", "conv2d_4a"],
  pools: ["maxpool_3a", "maxpool_5a"],
};

/**
 * Inception-ResNet-v2 (Szegedy et al. 2016, https://arxiv.org/abs/1602.07261) with timm's names. SE stands on the 40 residuals, before their
 * constant, as `repeat.0.se` (Hu et al. v4, https://arxiv.org/abs/1709.01507, section 3.3: before the sum); "mixed" has it behind the
 * three other modules too, as `mixed_5b.se`.
 */
export const inception_resnet_v2: Architecture = {
  input: { size: 299, min: 75 },
  stages: [5, 6, 7],
  places: ["standard", "mixed"],
  build(image, s, { classes, excite, feature }) {
    let x = inceptionStem(image, s, STEM, feature);
    for (const { stage, name, module, repeat, count, block, scale } of stages()) {
      x = parallel(x, s.at(name), module);
      x = feature(name, excite(x, s.at(name).at("se"), { stage, places: ["mixed"] }));
      for (let i = 0; i < count; i++) {
        const unit = s.at(repeat).at(i);
        x = relu(residual(x, unit, { stage, block, scale, excite }), { name: unit.path });
      }
      x = feature(repeat, x);
    }
    x = feature("block8", residual(x, s.at("block8"), { stage: 7, block: block8(), scale: 1, excite }));
    x = feature("conv2d_7b", conv("conv2d_7b", 1536)(x, s));
    const pooled = flatten(globalAveragePool(x, { name: "global_pool" }));
    return classes ? linear(pooled, s.at("classif"), classes) : pooled;
  },
};

/** x + scale SE(up(concat)), where `up` is a 1x1 convolution with a bias and nothing behind it. Parameters conv2d.weight, conv2d.bias. */
function residual(
  x: Value,
  s: Scope,
  { stage, block, scale, excite }: Pick<Stage, "stage" | "block" | "scale"> & Pick<BuildContext, "excite">,
): Value {
  const joined = parallel(x, s, block, s.name("concat"));
  const up = conv2d(joined, s.at("conv2d"), channelsOf(x), { bias: true });
  const y = excite(up, s.at("se"), { stage });
  const scaled = scale === 1 ? y : mul(y, s.shared(`scale.${scale}`, float32s([scale], [])), { name: s.name("scale") });
  return add(scaled, x, { name: s.name("add") });
}
