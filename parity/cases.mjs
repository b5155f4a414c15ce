// The parity cases: which network PyTorch makes, and which `se-onnx build` options ask for the same one.

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} backbone    as `se-onnx build --backbone` takes it
 * @property {string} [timm]      the reference is this model of timm; without it, torchvision's class with our SE block
 * @property {boolean} [se]       false: plain backbone
 * @property {number} [r]         reduction, 16 unless given; hidden width is floor(channels / r)
 * @property {boolean} [bias]     biases in both SE layers
 * @property {number[]} [stages]  stages with SE, 2 to 5 as in the paper; all unless given
 * @property {number} [classes]
 * @property {number} [inChannels]
 * @property {"F32" | "F16" | "BF16"} [dtype]  how the checkpoint stores its floats
 * @property {string[]} [flags]   further options that must not change the result
 * @property {number} [opset]     what `flags` must have made of the file
 * @property {boolean} [external]  `flags` must have put tensors into a file of their own
 * @property {Record<string, number>} [nodes]  number of nodes per operator that `flags` must have led to
 */

const backbones = [
  "resnet18",
  "resnet34",
  "resnet50",
  "resnet101",
  "resnet152",
  "resnext50_32x4d",
  "resnext101_32x4d",
  "resnext101_32x8d",
  "resnext101_64x4d",
];
const withBias = new Set(["resnet34", "resnet101", "resnext50_32x4d", "resnext101_32x8d"]);

/** @type {Case[]} */
export const cases = [
  ...backbones.flatMap((backbone) => [
    withBias.has(backbone)
      ? { name: `se_${backbone} r16 bias`, backbone, bias: true }
      : { name: `se_${backbone} r16`, backbone },
    { name: `${backbone} no SE`, backbone, se: false },
  ]),
  { name: "se_resnet18 r1", backbone: "resnet18", r: 1 },
  { name: "se_resnet18 r12 (floor)", backbone: "resnet18", r: 12, bias: true },
  { name: "se_resnet18 stages 3,5", backbone: "resnet18", stages: [3, 5] },
  { name: "se_resnet18 10 classes, 1 channel", backbone: "resnet18", classes: 10, inChannels: 1 },
  { name: "se_resnet18 float16 weights", backbone: "resnet18", dtype: "F16" },
  { name: "se_resnet18 bfloat16 weights", backbone: "resnet18", dtype: "BF16" },
  { name: "timm seresnet50", backbone: "resnet50", timm: "seresnet50", bias: true },
  { name: "timm seresnext50_32x4d", backbone: "resnext50_32x4d", timm: "seresnext50_32x4d", bias: true },
  { name: "se_resnet50 --no-fold", backbone: "resnet50", flags: ["--no-fold"], nodes: { BatchNormalization: 53 } },
  // 32 convolutions more than the backbone's 53, and only the classifier is left as Gemm.
  {
    name: "se_resnet50 --se-form conv",
    backbone: "resnet50",
    flags: ["--se-form", "conv"],
    nodes: { Conv: 85, Gemm: 1 },
  },
  { name: "se_resnet50 --opset 13", backbone: "resnet50", flags: ["--opset", "13"], opset: 13 },
  { name: "se_resnet50 --opset 23", backbone: "resnet50", flags: ["--opset", "23"], opset: 23 },
  { name: "se_resnet50 --external-data", backbone: "resnet50", flags: ["--external-data"], external: true },
];

/** The networks of the second table: deliberate faults must show. @type {Case[]} */
export const mutated = [
  { name: "se_resnet18 r16 bias", backbone: "resnet18", bias: true },
  { name: "se_resnet50 r16 bias", backbone: "resnet50", bias: true },
];

/**
 * The options of `se-onnx build` for a case, less input size and files.
 * @param {Case} of
 */
export function buildOptions({ backbone, se, r = 16, bias, stages, classes, inChannels, flags = [] }) {
  return [
    ...["--backbone", backbone],
    ...(se === false ? ["--no-se"] : ["--r", String(r)]),
    ...(bias ? ["--se-bias"] : []),
    ...(stages ? ["--se-stages", stages.join(",")] : []),
    ...(classes === undefined ? [] : ["--classes", String(classes)]),
    ...(inChannels === undefined ? [] : ["--in-chans", String(inChannels)]),
    ...flags,
  ];
}
