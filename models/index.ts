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
const REVISITING_RESNETS = "https://arxiv.org/abs/2103.07579";
const VGG = "https://arxiv.org/abs/1409.1556";
const GOING_DEEPER = "https://arxiv.org/abs/1409.4842";
const BATCH_NORM = "https://arxiv.org/abs/1502.03167";
const RETHINKING_INCEPTION = "https://arxiv.org/abs/1512.00567";
const INCEPTION_V4 = "https://arxiv.org/abs/1602.07261";
const MOBILENETS = "https://arxiv.org/abs/1704.04861";
const SHUFFLENET = "https://arxiv.org/abs/1707.01083";
const MOBILENET_V2 = "https://arxiv.org/abs/1801.04381";
const MOBILENET_V3 = "https://arxiv.org/abs/1905.02244";
const EFFICIENTNET = "https://arxiv.org/abs/1905.11946";
const REGNET = "https://arxiv.org/abs/2003.13678";
const DENSENET = "https://arxiv.org/abs/1608.06993";

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
    "seresnet-d",
    SENET,
    [
      "seresnet152d",
      "seresnext26d_32x4d",
      "seresnext26t_32x4d",
      "seresnext101d_32x8d",
      "seresnextaa101d_32x8d",
      "seresnextaa201d_32x8d",
    ],
    () => import("./seresnet-d.js"),
  ),
  ...members(
    "resnet-rs",
    REVISITING_RESNETS,
    ["resnetrs50", "resnetrs101", "resnetrs152", "resnetrs200", "resnetrs270", "resnetrs350", "resnetrs420"],
    () => import("./resnet-rs.js"),
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
      "legacy_seresnext26_32x4d",
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
  ...members(
    "vgg",
    VGG,
    ["vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"],
    () => import("./vgg.js"),
  ),
  ...members("googlenet", GOING_DEEPER, ["googlenet", "googlenet_5x5"], () => import("./googlenet.js")),
  ...members("bn-inception", BATCH_NORM, ["bn_inception"], () => import("./bn-inception.js")),
  ...members("inception-v3", RETHINKING_INCEPTION, ["inception_v3"], () => import("./inception-v3.js")),
  ...members("inception-resnet-v2", INCEPTION_V4, ["inception_resnet_v2"], () => import("./inception-resnet-v2.js")),
  ...members("mobilenet-v1", MOBILENETS, ["mobilenet_v1"], () => import("./mobilenet-v1.js")),
  ...members("shufflenet-v1", SHUFFLENET, ["shufflenet_v1_g3"], () => import("./shufflenet-v1.js")),
  ...members("mobilenet-v2", MOBILENET_V2, ["mobilenet_v2"], () => import("./mobilenet-v2.js")),
  ...members(
    "mobilenet-v3",
    MOBILENET_V3,
    [
      "mobilenet_v3_large",
      "mobilenet_v3_small",
      "mobilenetv3_large_100",
      "mobilenetv3_small_100",
      "tf_mobilenetv3_large_100",
      "tf_mobilenetv3_small_100",
    ],
    () => import("./mobilenet-v3.js"),
  ),
  ...members(
    "efficientnet",
    EFFICIENTNET,
    [
      "efficientnet_b0",
      "efficientnet_b1",
      "efficientnet_b2",
      "efficientnet_b3",
      "efficientnet_b4",
      "efficientnet_b5",
      "efficientnet_b6",
      "efficientnet_b7",
      "timm_efficientnet_b5",
      "tf_efficientnet_b0",
      "tf_efficientnet_b1",
      "tf_efficientnet_b2",
      "tf_efficientnet_b3",
      "tf_efficientnet_b4",
      "tf_efficientnet_b5",
      "tf_efficientnet_b6",
      "tf_efficientnet_b7",
    ],
    () => import("./efficientnet.js"),
  ),
  ...members(
    "regnet",
    REGNET,
    [
      "regnet_y_400mf",
      "regnet_y_800mf",
      "regnet_y_1_6gf",
      "regnet_y_3_2gf",
      "regnet_y_8gf",
      "regnet_y_16gf",
      "regnet_y_32gf",
    ],
    () => import("./regnet.js"),
  ),
  ...members("densenet", DENSENET, ["densenet121"], () => import("./densenet.js")),
];
