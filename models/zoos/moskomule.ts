import { apart, byRules, type Zoo } from "./zoo.js";

/** moskomule's SE-ResNets (https://github.com/moskomule/senet.pytorch): torchvision's ResNets with SE layers that have no bias. */
export const moskomule: Zoo = {
  name: "moskomule",
  marks: (keys) => keys.has("layer1.0.se.fc.0.weight"),
  spelling: () =>
    byRules([
      [/\.se\.fc\.0\./, ".se.fc1."],
      [/\.se\.fc\.2\./, ".se.fc2."],
    ]),
  backbones: () =>
    apart(
      "resnet50",
      "resnet18",
      "resnet34",
      "resnet101",
      "resnet152",
      "cifar_resnet20",
      "cifar_resnet32",
      "cifar_resnet56",
    ),
};
