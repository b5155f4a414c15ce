import { apart, byRules, type Zoo } from "./zoo.js";

/** timm's VGG (timm/models/vgg.py), whose fully connected layers are convolutions: over a map of more than 7x7 they slide, where torchvision's pool. */
export const timmVgg: Zoo = {
  name: "timm-vgg",
  largest: 224,
  marks: (keys) => keys.has("pre_logits.fc1.weight"),
  spelling: () =>
    byRules([
      [/^pre_logits\.fc1\./, "classifier.0."],
      [/^pre_logits\.fc2\./, "classifier.3."],
      [/^head\.fc\./, "classifier.6."],
    ]),
  backbones: () => apart("vgg16", "vgg11", "vgg13", "vgg19", "vgg16_bn", "vgg11_bn", "vgg13_bn", "vgg19_bn"),
};
