// The parity cases: which network PyTorch makes, and which `se-onnx build` options ask for the same one.

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} backbone    as `se-onnx build --backbone` takes it; its reference is in parity/networks
 * @property {boolean} [se]       false: plain backbone
 * @property {number} [r]         reduction; the family's own, or 16, unless given
 * @property {boolean} [bias]     biases in both SE layers
 * @property {number[]} [stages]  stages with SE, by the paper's numbers; all unless given
 * @property {string} [where]     placement of SE
 * @property {number} [rdDivisor] timm's rounding of the hidden width
 * @property {string} [squeeze]
 * @property {string} [excitation]
 * @property {string} [block]     a relative of SE
 * @property {number} [classes]
 * @property {number} [inChannels]
 * @property {"F32" | "F16" | "BF16"} [dtype]  how the checkpoint stores its floats
 * @property {string[]} [flags]   further options that must not change the result
 * @property {number} [opset]     what `flags` must have made of the file
 * @property {boolean} [external]  `flags` must have put tensors into a file of their own
 * @property {Record<string, number>} [nodes]  number of nodes per operator that `flags` must have led to
 * @property {(readonly [batch: number, size: number])[]} inputs  the weights are conditioned for the first
 * @property {boolean} [faults]   the network also with deliberate faults
 * @property {string} [golden]    the case is kept as this golden of test/models/goldens/parity, made with few classes
 */

/** Odd on the way down (36, 18, 9, 5, 3), so that it shows how each pool and stride rounds. @type {readonly [number, number]} */
const SMALL = [2, 72];

/** The small input of the families that cannot take SMALL. @type {Record<string, readonly [number, number]>} */
const SMALL_OF = {
  bn_inception: [2, 96],
  inception_v3: [2, 96],
  inception_resnet_v2: [2, 96],
  cifar_resnet20: [2, 32],
  cifar_resnet32: [2, 32],
  cifar_resnet56: [2, 32],
  cifar_resnet110: [2, 32],
  // timm's own fit only where every map has an even size: the mean on the branch is rounded down, that of the shortcut up.
  seresnextaa101d_32x8d: [2, 64],
  seresnextaa201d_32x8d: [2, 64],
};

/**
 * Every backbone, its family's smallest first: those compared at larger sizes too, with weights for that size; those kept as goldens;
 * those compared with deliberate faults; and whether the smallest is compared without SE.
 * @type {{names: string[], sizes?: Record<string, number[]>, golden?: string[], faulty?: string[], plain?: boolean}[]}
 */
const FAMILIES = [
  {
    names: ["vgg11", "vgg13", "vgg16", "vgg19"],
    sizes: { vgg11: [224], vgg16: [192] },
    golden: ["vgg11"],
    faulty: ["vgg11"],
  },
  {
    names: ["vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"],
    sizes: { vgg11_bn: [224] },
    golden: ["vgg11_bn"],
    faulty: ["vgg11_bn"],
  },
  {
    names: ["googlenet", "googlenet_5x5"],
    sizes: { googlenet: [224], googlenet_5x5: [224] },
    golden: ["googlenet"],
    faulty: ["googlenet", "googlenet_5x5"],
  },
  { names: ["bn_inception"], sizes: { bn_inception: [224] }, golden: ["bn_inception"], faulty: ["bn_inception"] },
  { names: ["inception_v3"], sizes: { inception_v3: [299] }, golden: ["inception_v3"], faulty: ["inception_v3"] },
  {
    names: ["inception_resnet_v2"],
    sizes: { inception_resnet_v2: [299] },
    golden: ["inception_resnet_v2"],
    faulty: ["inception_resnet_v2"],
  },
  {
    names: ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
    sizes: { resnet18: [224, 192], resnet34: [224], resnet50: [224, 192], resnet101: [224], resnet152: [224] },
    golden: ["resnet18", "resnet50"],
    faulty: ["resnet18", "resnet50"],
  },
  {
    names: ["resnet18_v1", "resnet34_v1", "resnet50_v1", "resnet101_v1", "resnet152_v1"],
    sizes: { resnet50_v1: [224] },
    golden: ["resnet50_v1"],
    faulty: ["resnet50_v1"],
  },
  {
    names: ["resnet18d", "resnet34d", "resnet50d", "resnet101d", "resnet152d"],
    sizes: { resnet50d: [224] },
    golden: ["resnet18d"],
    faulty: ["resnet50d"],
  },
  {
    names: ["resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d"],
    sizes: { resnext50_32x4d: [224] },
    golden: ["resnext50_32x4d"],
    faulty: ["resnext50_32x4d"],
  },
  { names: ["resnext50_32x4d_v1", "resnext101_32x4d_v1"] },
  { names: ["senet154", "legacy_senet154"], golden: ["senet154"], faulty: ["senet154"], plain: false },
  {
    names: ["seresnet18", "seresnet34", "seresnet50", "seresnet101", "seresnet152"],
    sizes: { seresnet50: [224] },
    golden: ["seresnet18"],
    faulty: ["seresnet18"],
  },
  {
    names: ["seresnext50_32x4d", "seresnext101_32x4d", "seresnext101_32x8d", "seresnext101_64x4d"],
  },
  {
    names: ["legacy_seresnet18", "legacy_seresnet34", "legacy_seresnet50", "legacy_seresnet101", "legacy_seresnet152"],
    sizes: { legacy_seresnet50: [224] },
    faulty: ["legacy_seresnet18", "legacy_seresnet50"],
    plain: false, // timm's class keeps the ReLU before SE where there is no SE, ours does not
  },
  { names: ["legacy_seresnext26_32x4d", "legacy_seresnext50_32x4d", "legacy_seresnext101_32x4d"] },
  {
    names: ["seresnext26d_32x4d", "seresnext26t_32x4d", "seresnet152d", "seresnext101d_32x8d"],
    sizes: { seresnext26d_32x4d: [224] },
    golden: ["seresnext26t_32x4d"],
    faulty: ["seresnext26t_32x4d"],
  },
  {
    names: ["seresnextaa101d_32x8d", "seresnextaa201d_32x8d"],
    golden: ["seresnextaa101d_32x8d"],
    faulty: ["seresnextaa101d_32x8d"],
    plain: false,
  },
  {
    names: [50, 101, 152, 200, 270, 350, 420].map((depth) => `resnetrs${depth}`),
    sizes: { resnetrs50: [160] },
    golden: ["resnetrs50"],
    faulty: ["resnetrs50"],
  },
  {
    names: ["cifar_resnet20", "cifar_resnet32", "cifar_resnet56", "cifar_resnet110"],
    golden: ["cifar_resnet20"],
    faulty: ["cifar_resnet20"],
  },
  { names: ["mobilenet_v1"], sizes: { mobilenet_v1: [224] }, golden: ["mobilenet_v1"], faulty: ["mobilenet_v1"] },
  {
    names: ["shufflenet_v1_g3"],
    sizes: { shufflenet_v1_g3: [224] },
    golden: ["shufflenet_v1_g3"],
    faulty: ["shufflenet_v1_g3"],
  },
  { names: ["mobilenet_v2"], sizes: { mobilenet_v2: [224] }, golden: ["mobilenet_v2"], faulty: ["mobilenet_v2"] },
  {
    names: ["mobilenet_v3_small", "mobilenet_v3_large"],
    sizes: { mobilenet_v3_small: [224], mobilenet_v3_large: [224] },
    golden: ["mobilenet_v3_small"],
    faulty: ["mobilenet_v3_small"],
  },
  {
    names: ["mobilenetv3_small_100", "mobilenetv3_large_100"],
    sizes: { mobilenetv3_large_100: [224] },
    faulty: ["mobilenetv3_small_100"],
  },
  {
    names: ["tf_mobilenetv3_small_100", "tf_mobilenetv3_large_100"],
    sizes: { tf_mobilenetv3_large_100: [224] },
    golden: ["tf_mobilenetv3_small_100"],
    faulty: ["tf_mobilenetv3_small_100"],
  },
  {
    names: [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `efficientnet_b${n}`),
    sizes: { efficientnet_b0: [224], efficientnet_b1: [240] },
    golden: ["efficientnet_b0"],
    faulty: ["efficientnet_b0", "efficientnet_b5"],
  },
  { names: ["timm_efficientnet_b5"], faulty: ["timm_efficientnet_b5"], plain: false },
  {
    names: [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `tf_efficientnet_b${n}`),
    sizes: { tf_efficientnet_b0: [224], tf_efficientnet_b1: [240], tf_efficientnet_b3: [300] },
    golden: ["tf_efficientnet_b0"],
    faulty: ["tf_efficientnet_b0"],
  },
  {
    names: ["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"].map((size) => `regnet_y_${size}`),
    sizes: { regnet_y_400mf: [224] },
    golden: ["regnet_y_400mf"],
    faulty: ["regnet_y_400mf"],
  },
  { names: ["densenet121"], sizes: { densenet121: [224] }, golden: ["densenet121"], faulty: ["densenet121"] },
];

/** @param {string} backbone */
const small = (backbone) => SMALL_OF[backbone] ?? SMALL;

/** @type {Case[]} */
const everyBackbone = FAMILIES.flatMap(({ names, sizes = {}, golden = [], faulty = [], plain = true }) => [
  ...names.map((backbone) => ({
    name: backbone,
    backbone,
    inputs: [small(backbone)],
    ...(faulty.includes(backbone) && { faults: true }),
    ...(golden.includes(backbone) && { golden: backbone }),
  })),
  ...names.flatMap((backbone) =>
    (sizes[backbone] ?? []).map((size) => ({
      name: `${backbone} ${size}`,
      backbone,
      inputs: [/** @type {const} */ ([2, size]), /** @type {const} */ ([1, size])],
    })),
  ),
  ...names
    .slice(0, plain ? 1 : 0)
    .map((backbone) => ({ name: `${backbone} no SE`, backbone, se: false, inputs: [small(backbone)] })),
]);

/** What the options make of a network. @type {Omit<Case, "name" | "inputs">[]} */
const options = [
  { backbone: "resnet18", r: 1 },
  { backbone: "resnet18", r: 12, bias: true },
  { backbone: "resnet18", rdDivisor: 8, bias: true },
  { backbone: "resnet18", stages: [3, 5] },
  { backbone: "resnet50", bias: true, faults: true },
  { backbone: "resnet18", where: "pre", golden: "resnet18-pre" },
  { backbone: "resnet18", where: "post", golden: "resnet18-post" },
  { backbone: "resnet18", where: "identity", golden: "resnet18-identity" },
  { backbone: "resnet18", where: "relu" },
  { backbone: "resnet50", where: "pre" },
  { backbone: "resnet50", where: "post" },
  { backbone: "resnet50", where: "identity" },
  { backbone: "resnet50", where: "3x3", golden: "resnet50-3x3" },
  { backbone: "resnet18", squeeze: "max", golden: "resnet18-max" },
  { backbone: "resnet18", squeeze: "avgmax", golden: "resnet18-avgmax" },
  { backbone: "resnet18", excitation: "tanh", golden: "resnet18-tanh" },
  { backbone: "resnet18", excitation: "relu", golden: "resnet18-relu" },
  { backbone: "resnet18", excitation: "hardsigmoid", golden: "resnet18-hardsigmoid" },
  { backbone: "resnet50", squeeze: "max", excitation: "hardsigmoid", r: 8, bias: true },
  { backbone: "resnet18", block: "effective-se", golden: "resnet18-effective-se" },
  { backbone: "resnet18", block: "eca", golden: "resnet18-eca" },
  { backbone: "resnet18", block: "scse", golden: "resnet18-scse" },
  { backbone: "resnet18", block: "no-squeeze", golden: "resnet18-no-squeeze" },
  { backbone: "resnet50", block: "eca" },
  { backbone: "vgg11_bn", where: "last" },
  { backbone: "googlenet", r: 8, bias: true, squeeze: "max", excitation: "tanh" },
  { backbone: "mobilenet_v1", where: "dw" },
  { backbone: "mobilenet_v2", where: "dw", r: 4 },
  { backbone: "mobilenet_v2", block: "eca" },
  { backbone: "shufflenet_v1_g3", where: "branch_s1" },
  { backbone: "shufflenet_v1_g3", where: "unit" },
  { backbone: "densenet121", where: "layer" },
  { backbone: "densenet121", stages: [2, 4], bias: true },
  { backbone: "inception_resnet_v2", where: "mixed" },
  { backbone: "mobilenet_v3_large", r: 8 },
  { backbone: "efficientnet_b0", r: 8 },
  { backbone: "regnet_y_400mf", r: 8 },
];

/** What must not change the result, or concerns the checkpoint. @type {Omit<Case, "inputs">[]} */
const files = [
  { name: "resnet18 10 classes, 1 channel", backbone: "resnet18", classes: 10, inChannels: 1 },
  { name: "resnet18 float16 weights", backbone: "resnet18", dtype: "F16" },
  { name: "resnet18 bfloat16 weights", backbone: "resnet18", dtype: "BF16" },
  { name: "resnet50 --no-fold", backbone: "resnet50", flags: ["--no-fold"], nodes: { BatchNormalization: 53 } },
  // 32 convolutions more than the backbone's 53, and only the classifier is left as Gemm.
  { name: "resnet50 --se-form conv", backbone: "resnet50", flags: ["--se-form", "conv"], nodes: { Conv: 85, Gemm: 1 } },
  { name: "resnet50 --opset 13", backbone: "resnet50", flags: ["--opset", "13"], opset: 13 },
  { name: "mobilenet_v3_small --opset 13", backbone: "mobilenet_v3_small", flags: ["--opset", "13"], opset: 13 },
  { name: "resnet50 --opset 23", backbone: "resnet50", flags: ["--opset", "23"], opset: 23 },
  { name: "resnet50 --external-data", backbone: "resnet50", flags: ["--external-data"], external: true },
];

/** @type {Case[]} */
export const cases = [
  ...everyBackbone,
  ...options.map((of) => ({ name: [of.backbone, ...seOptions(of)].join(" "), inputs: [small(of.backbone)], ...of })),
  ...files.map((of) => ({ inputs: [small(of.backbone)], ...of })),
];

/**
 * The options of `se-onnx build` that say which SE blocks a case has.
 * @param {Omit<Case, "name" | "inputs">} of
 */
function seOptions({ se, r, bias, stages, where, rdDivisor, squeeze, excitation, block }) {
  return [
    ...(se === false ? ["--no-se"] : []),
    ...(r === undefined ? [] : ["--r", String(r)]),
    ...(bias ? ["--se-bias"] : []),
    ...(stages ? ["--se-stages", stages.join(",")] : []),
    ...(where ? ["--se-where", where] : []),
    ...(rdDivisor === undefined ? [] : ["--rd-divisor", String(rdDivisor)]),
    ...(squeeze ? ["--squeeze", squeeze] : []),
    ...(excitation ? ["--excitation", excitation] : []),
    ...(block ? ["--se-block", block] : []),
  ];
}

/**
 * The options of `se-onnx build` for a case, less input size and files.
 * @param {Case} of
 */
export function buildOptions(of) {
  const { backbone, classes, inChannels, flags = [] } = of;
  return [
    ...["--backbone", backbone],
    ...seOptions(of),
    ...(classes === undefined ? [] : ["--classes", String(classes)]),
    ...(inChannels === undefined ? [] : ["--in-chans", String(inChannels)]),
    ...flags,
  ];
}
