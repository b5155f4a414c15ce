import type { Value } from "../src/graph/graph.js";
import { linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture, BuildContext } from "./architecture.js";
import { averagePool3, type Branches, conv, halve, parallel, reduce, type Step } from "./branches.js";

/** Modules for maps of 35x35 pixels (Szegedy et al. 2015, https://arxiv.org/abs/1512.00567, Fig. 5). */
const a = (projection: number): Branches => [
  [conv("branch1x1", 64)],
  [conv("branch5x5_1", 48), conv("branch5x5_2", 64, 5)],
  [conv("branch3x3dbl_1", 64), conv("branch3x3dbl_2", 96, 3), conv("branch3x3dbl_3", 96, 3)],
  [averagePool3("pool"), conv("branch_pool", projection)],
];
/** From 35x35 to 17x17 (Fig. 10). */
const b = (): Branches => [
  [reduce("branch3x3", 384)],
  [conv("branch3x3dbl_1", 64), conv("branch3x3dbl_2", 96, 3), reduce("branch3x3dbl_3", 96)],
  [halve("pool")],
];
/** Modules for 17x17, with 7x7 convolutions factored into 1x7 and 7x1 (Fig. 6). `width`: channels between those. */
const c = (width: number): Branches => [
  [conv("branch1x1", 192)],
  [conv("branch7x7_1", width), conv("branch7x7_2", width, [1, 7]), conv("branch7x7_3", 192, [7, 1])],
  [
    conv("branch7x7dbl_1", width),
    conv("branch7x7dbl_2", width, [7, 1]),
    conv("branch7x7dbl_3", width, [1, 7]),
    conv("branch7x7dbl_4", width, [7, 1]),
    conv("branch7x7dbl_5", 192, [1, 7]),
  ],
  [averagePool3("pool"), conv("branch_pool", 192)],
];
/** From 17x17 to 8x8. */
const d = (): Branches => [
  [conv("branch3x3_1", 192), reduce("branch3x3_2", 320)],
  [
    conv("branch7x7x3_1", 192),
    conv("branch7x7x3_2", 192, [1, 7]),
    conv("branch7x7x3_3", 192, [7, 1]),
    reduce("branch7x7x3_4", 192),
  ],
  [halve("pool")],
];
/** Modules for 8x8, whose 3x3 convolutions are factored side by side (Fig. 7). */
const e = (): Branches => [
  [conv("branch1x1", 320)],
  [conv("branch3x3_1", 384), fork("branch3x3", "branch3x3_2")],
  [conv("branch3x3dbl_1", 448), conv("branch3x3dbl_2", 384, 3), fork("branch3x3dbl", "branch3x3dbl_3")],
  [averagePool3("pool"), conv("branch_pool", 192)],
];
/** 1x3 and 3x1 convolutions of one x, concatenated. Parameters under `convs`a and `convs`b. */
const fork =
  (name: string, convs: string): Step =>
  (x, s) =>
    parallel(x, s, [[conv(`${convs}a`, 384, [1, 3])], [conv(`${convs}b`, 384, [3, 1])]], s.name(name));

type Module = readonly [stage: number, name: string, branches: Branches];
const modules = (): readonly Module[] => [
  [5, "Mixed_5b", a(32)],
  [5, "Mixed_5c", a(64)],
  [5, "Mixed_5d", a(64)],
  [6, "Mixed_6a", b()],
  [6, "Mixed_6b", c(128)],
  [6, "Mixed_6c", c(160)],
  [6, "Mixed_6d", c(160)],
  [6, "Mixed_6e", c(192)],
  [7, "Mixed_7a", d()],
  [7, "Mixed_7b", e()],
  [7, "Mixed_7c", e()],
];

/** Names of the stem's layers: five convolutions, and the two pools behind the third and the fifth. */
export interface StemNames {
  readonly convs: readonly [string, string, string, string, string];
  readonly pools: readonly [string, string];
}
/** image [N,C,299,299] -> [N,192,35,35], no padding but in the third convolution. What each pool reads is a feature. */
export function inceptionStem(
  image: Value,
  s: Scope,
  { convs, pools }: StemNames,
  feature: BuildContext["feature"],
): Value {
  const [first, second, third, fourth, fifth] = convs;
  let x = reduce(first, 32)(image, s);
  x = conv(second, 32, 3, { padding: 0 })(x, s);
  x = feature(third, conv(third, 64, 3)(x, s));
  x = conv(fourth, 80)(halve(pools[0])(x, s), s);
  x = feature(fifth, conv(fifth, 192, 3, { padding: 0 })(x, s));
  return halve(pools[1])(x, s);
}
const STEM: StemNames = {
  convs: ["Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3"],
  pools: ["maxpool1", "maxpool2"],
};

/** Inception-v3 with torchvision's names, no auxiliary head. SE follows the concatenation of every module, as `Mixed_5b.se`. */
export const inception_v3: Architecture = {
  input: { size: 299, min: 75 },
  stages: [5, 6, 7],
  build(image, s, { classes, excite, feature }) {
    let x = inceptionStem(image, s, STEM, feature);
    for (const [stage, name, branches] of modules())
      x = feature(name, excite(parallel(x, s.at(name), branches), s.at(name).at("se"), { stage }));
    const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
    return classes ? linear(pooled, s.at("fc"), classes) : pooled;
  },
};
