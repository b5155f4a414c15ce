import { apart, type Zoo } from "./zoo.js";

const STEPS: Readonly<Record<string, string>> = { conv1: "f.a", conv2: "f.b", conv3: "f.c", downsample: "proj" };
const KEY = /^s(\d)\.b(\d+)\.(?:(conv[123]|downsample)\.(conv|bn)|se\.(fc[12]))\.(\w+)$/;

/** timm's RegNetY (timm/models/regnet.py), which is torchvision's but for its keys. */
export const timmRegnet: Zoo = {
  name: "timm-regnet",
  marks: (keys) => keys.has("s1.b1.conv1.conv.weight"),
  spelling: () => (key) => {
    const [, stage, number, step = "", part, se, tensor] = KEY.exec(key) ?? [];
    if (!stage)
      return key
        .replace(/^stem\.conv\./, "stem.0.")
        .replace(/^stem\.bn\./, "stem.1.")
        .replace(/^head\.fc\./, "fc.");
    const block = `trunk_output.block${stage}.block${stage}-${Number(number) - 1}`;
    return se ? `${block}.f.se.${se}.${tensor}` : `${block}.${STEPS[step]}.${part === "conv" ? 0 : 1}.${tensor}`;
  },
  backbones: () =>
    apart(
      "regnet_y_400mf",
      "regnet_y_800mf",
      "regnet_y_1_6gf",
      "regnet_y_3_2gf",
      "regnet_y_8gf",
      "regnet_y_16gf",
      "regnet_y_32gf",
    ),
};
