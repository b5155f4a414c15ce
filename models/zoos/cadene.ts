import { apart, byRules, type Rule, type Zoo } from "./zoo.js";

const RULES: readonly Rule[] = [
  [/\.se_module\./, ".se."],
  [/^last_linear\./, "fc."],
];
const STEM: readonly Rule[] = [[/^layer0\./, ""]];
/** SENet-154 has three convolutions there. */
const DEEP_STEM: readonly Rule[] = [
  [/^layer0\.conv1\./, "conv1.0."],
  [/^layer0\.bn1\./, "conv1.1."],
  [/^layer0\.conv2\./, "conv1.3."],
  [/^layer0\.bn2\./, "conv1.4."],
  [/^layer0\.conv3\./, "conv1.6."],
  [/^layer0\.bn3\./, "bn1."],
];

/** Cadene's ports of the Caffe models (https://github.com/Cadene/pretrained-models.pytorch), which timm keeps as its legacy SENets. */
export const cadene: Zoo = {
  name: "cadene",
  marks: (keys) => keys.has("layer1.0.se_module.fc1.weight"),
  spelling: (keys) => byRules([...(keys.has("layer0.conv3.weight") ? DEEP_STEM : STEM), ...RULES]),
  backbones: () =>
    apart(
      "legacy_seresnet50",
      "legacy_seresnext50_32x4d",
      "legacy_seresnet101",
      "legacy_seresnext101_32x4d",
      "legacy_seresnet152",
      "legacy_senet154",
      "legacy_seresnet18",
      "legacy_seresnet34",
      "legacy_seresnext26_32x4d",
    ),
};
