import { apart, asTheyAre, type Rows, type Zoo } from "./zoo.js";

const WITH_SE: Rows = /* @__PURE__ */ (() => [
  ...apart("seresnet50", "seresnext50_32x4d", "seresnet152d", "seresnext26d_32x4d", "seresnext26t_32x4d"),
  ...apart("seresnext101_32x8d", "seresnext101_32x4d", "seresnext101_64x4d", "senet154"),
  ["seresnext101d_32x8d", "seresnextaa101d_32x8d"], // anti-aliasing has no parameters
  ...apart("seresnextaa201d_32x8d", "seresnet18", "seresnet34", "seresnet101", "seresnet152"),
  ...apart("resnetrs50", "resnetrs101", "resnetrs152", "resnetrs200", "resnetrs270", "resnetrs350", "resnetrs420"),
])();
const PLAIN: Rows = /* @__PURE__ */ apart("resnet50d", "resnet18d", "resnet34d", "resnet101d", "resnet152d");
const SE = "layer1.0.se.fc1.weight";

/** timm's ResNets with SE, and those with a stem of three convolutions (timm/models/resnet.py). */
export const timmResnet: Zoo = {
  name: "timm-resnet",
  marks: (keys) => keys.has(SE) || (keys.has("conv1.0.weight") && keys.has("layer1.0.bn1.weight")),
  spelling: asTheyAre,
  backbones: (keys) => (keys.has(SE) ? WITH_SE : PLAIN),
};
