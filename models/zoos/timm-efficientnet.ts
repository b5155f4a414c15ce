import { type BlockKey, blockKey } from "./timm-blocks.js";
import { byRules, type Zoo } from "./zoo.js";

const MODULES = { conv: "0", norm: "1", fc1: "fc1", fc2: "fc2" } as const;
const spell = ({ stage, index, step, part, tensor }: BlockKey): string =>
  `features.${stage + 1}.${index}.block.${step}.${MODULES[part]}.${tensor}`;
const outside = /* @__PURE__ */ byRules([
  [/^conv_stem\./, "features.0.0."],
  [/^bn1\./, "features.0.1."],
  [/^conv_head\./, "features.8.0."],
  [/^bn2\./, "features.8.1."],
  [/^classifier\./, "classifier.1."],
]);

/** timm's EfficientNets (timm/models/efficientnet.py), those with TensorFlow's padding (tf_*) among them. */
export const timmEfficientnet: Zoo = {
  name: "timm-efficientnet",
  marks: (keys) => keys.has("blocks.0.0.se.conv_reduce.weight") && keys.has("bn2.weight"),
  spelling: (keys) => (key) => {
    const block = blockKey(key, keys);
    return block ? spell(block) : outside(key);
  },
  backbones: () => [
    ["efficientnet_b0", "tf_efficientnet_b0"],
    ["efficientnet_b1", "tf_efficientnet_b1"],
    ["efficientnet_b2", "tf_efficientnet_b2"],
    ["efficientnet_b3", "tf_efficientnet_b3"],
    ["efficientnet_b4", "tf_efficientnet_b4"],
    ["timm_efficientnet_b5", "tf_efficientnet_b5"],
    ["tf_efficientnet_b6"],
    ["tf_efficientnet_b7"],
  ],
};
