import { apart, byRules, type Zoo } from "./zoo.js";

/** A key that only one family has, and the family, the most used first. */
const FAMILIES: readonly (readonly [mark: string, ...names: readonly string[]])[] = [
  [
    "layer1.0.conv1.weight",
    ...["resnet50", "resnet18", "resnet34", "resnet101", "resnet152"],
    ...["resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "resnext101_32x4d"],
  ],
  ["features.1.block.0.0.weight", "mobilenet_v3_large", "mobilenet_v3_small"],
  ["features.1.conv.0.0.weight", "mobilenet_v2"],
  ["features.1.0.block.0.0.weight", ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `efficientnet_b${n}`)],
  [
    "trunk_output.block1.block1-0.f.a.0.weight",
    ...["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"].map((size) => `regnet_y_${size}`),
  ],
  ["features.1.running_mean", "vgg16_bn", "vgg11_bn", "vgg13_bn", "vgg19_bn"],
  ["features.0.bias", "vgg16", "vgg11", "vgg13", "vgg19"],
  ["inception3a.branch1.conv.weight", "googlenet"],
  ["Mixed_5b.branch1x1.conv.weight", "inception_v3"],
  ["features.conv0.weight", "densenet121"],
];
const familyOf = (keys: ReadonlySet<string>) => FAMILIES.find(([mark]) => keys.has(mark));

/** torchvision (https://github.com/pytorch/vision), whose spelling is ours, and timm where it spells networks in the same way. */
export const torchvision: Zoo = {
  name: "torchvision",
  marks: (keys) => familyOf(keys) !== undefined,
  spelling: () => byRules([[/(\.denselayer\d+\.(?:norm|conv))\.([12])\./, "$1$2."]]), // as the published densenet files have it
  backbones: (keys) => apart(...(familyOf(keys)?.slice(1) ?? [])),
  aside: /^(aux1|aux2|AuxLogits)\./,
};
