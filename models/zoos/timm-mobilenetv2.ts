import { blockKey, throughNumber } from "./timm-blocks.js";
import { apart, byRules, type Zoo } from "./zoo.js";

const outside = /* @__PURE__ */ byRules([
  [/^conv_stem\./, "features.0.0."],
  [/^bn1\./, "features.0.1."],
  [/^conv_head\./, "features.18.0."],
  [/^bn2\./, "features.18.1."],
  [/^classifier\./, "classifier.1."],
]);

/** timm's MobileNetV2 (timm/models/efficientnet.py), which is torchvision's but for its keys. */
export const timmMobilenetv2: Zoo = {
  name: "timm-mobilenetv2",
  marks: (keys) => keys.has("blocks.0.0.conv_dw.weight") && keys.has("bn2.weight"),
  spelling(keys) {
    const number = throughNumber(keys);
    return (key) => {
      const block = blockKey(key, keys);
      if (!block) return outside(key);
      const { stage, index, step, last, part, tensor } = block;
      const norm = part === "norm";
      const module = last ? `${norm ? step + 1 : step}` : `${step}.${norm ? 1 : 0}`; // the projection stands in no module of its own
      return `features.${number(stage, index) + 1}.conv.${module}.${tensor}`;
    };
  },
  backbones: () => apart("mobilenet_v2"),
};
