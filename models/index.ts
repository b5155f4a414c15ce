import type { Architecture } from "./architecture.js";

/** A name that networks are built by. Its architecture is loaded when it is asked for. */
export interface Backbone {
  readonly name: string;
  readonly family: string;
  readonly paper: string;
  readonly load: () => Promise<Architecture>;
}

/** Every name in `names` is an export of the family's module. */
function members<N extends string>(
  family: string,
  paper: string,
  names: readonly N[],
  module: () => Promise<Readonly<Record<N, Architecture>>>,
): readonly Backbone[] {
  return names.map((name) => ({ name, family, paper, load: async () => (await module())[name] }));
}

const RESNET = "https://arxiv.org/abs/1512.03385";
const RESNEXT = "https://arxiv.org/abs/1611.05431";
const SENET = "https://arxiv.org/abs/1709.01507";
const BAG_OF_TRICKS = "https://arxiv.org/abs/1812.01187";

export const backbones: readonly Backbone[] = [
  ...members(
    "resnet",
    RESNET,
    ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
    () => import("./resnet.js"),
  ),
  ...members(
    "resnext",
    RESNEXT,
    ["resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d"],
    () => import("./resnext.js"),
  ),
  ...members(
    "resnet-v1",
    RESNET,
    ["resnet18_v1", "resnet34_v1", "resnet50_v1", "resnet101_v1", "resnet152_v1"],
    () => import("./resnet-v1.js"),
  ),
  ...members("resnext-v1", RESNEXT, ["resnext50_32x4d_v1", "resnext101_32x4d_v1"], () => import("./resnext.js")),
  ...members(
    "resnet-d",
    BAG_OF_TRICKS,
    ["resnet18d", "resnet34d", "resnet50d", "resnet101d", "resnet152d"],
    () => import("./resnet-d.js"),
  ),
  ...members("senet", SENET, ["senet154", "legacy_senet154"], () => import("./senet.js")),
  ...members(
    "seresnet",
    SENET,
    [
      "seresnet18",
      "seresnet34",
      "seresnet50",
      "seresnet101",
      "seresnet152",
      "seresnext50_32x4d",
      "seresnext101_32x4d",
      "seresnext101_32x8d",
      "seresnext101_64x4d",
    ],
    () => import("./seresnet.js"),
  ),
  ...members(
    "legacy-seresnet",
    SENET,
    [
      "legacy_seresnet18",
      "legacy_seresnet34",
      "legacy_seresnet50",
      "legacy_seresnet101",
      "legacy_seresnet152",
      "legacy_seresnext50_32x4d",
      "legacy_seresnext101_32x4d",
    ],
    () => import("./legacy-seresnet.js"),
  ),
  ...members(
    "cifar-resnet",
    RESNET,
    ["cifar_resnet20", "cifar_resnet32", "cifar_resnet56", "cifar_resnet110"],
    () => import("./cifar-resnet.js"),
  ),
];
