import { blockKey, throughNumber } from "./timm-blocks.js";
import { byRules, type Zoo } from "./zoo.js";

const outside = /* @__PURE__ */ byRules([
  [/^conv_stem\./, "features.0.0."],
  [/^bn1\./, "features.0.1."],
  [/^conv_head\./, "classifier.0."], // after the pool, where a 1x1 convolution is a matrix
  [/^classifier\.(weight|bias)$/, "classifier.3.$1"],
]);
const MODULES = { conv: "0", norm: "1", fc1: "fc1", fc2: "fc2" } as const;

/** timm's MobileNetV3 (timm/models/mobilenetv3.py), those with TensorFlow's padding (tf_*) among them. */
export const timmMobilenetv3: Zoo = {
  name: "timm-mobilenetv3",
  marks: (keys) => keys.has("conv_head.bias") && keys.has("blocks.0.0.conv_dw.weight"),
  spelling(keys) {
    const number = throughNumber(keys);
    return (key) => {
      const block = blockKey(key, keys);
      if (!block) return key.startsWith("blocks.") ? key : outside(key);
      const { stage, index, step, part, tensor } = block;
      const module = `features.${number(stage, index) + 1}`;
      const alone = keys.has(`blocks.${stage}.${index}.conv.weight`); // the last one, a convolution and no block
      return `${module}.${alone ? "" : `block.${step}.`}${MODULES[part]}.${tensor}`;
    };
  },
  backbones: () => [
    ["mobilenetv3_large_100", "tf_mobilenetv3_large_100"],
    ["mobilenetv3_small_100", "tf_mobilenetv3_small_100"],
  ],
};
