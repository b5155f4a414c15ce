// Checkpoints of the zoos: which package makes the network, how the file is saved, and what is asked of the importer.

/**
 * @typedef {object} Saved  how a checkpoint is saved
 * @property {string} file      as such files are called, or a name that says nothing
 * @property {"safetensors" | "zip" | "legacy" | "tar" | "hub"} container  hub: a folder, as timm writes it for the Hugging Face hub
 * @property {"F32" | "F16" | "BF16" | "F64"} [dtype]
 * @property {"state_dict" | "state_dict_ema" | "model"} [wrapper]
 * @property {string} [prefix]  in front of each key
 *
 * @typedef {object} Asked
 * @property {string} [about]        what the case is of, beside the model
 * @property {string[]} [flags]      beyond --weights
 * @property {string} [refuses]      without `flags` the importer must refuse, with an error that has this in it
 * @property {Record<string, number | boolean>} [options]  to the package's function
 * @property {string[]} [outputs]    compared; logits unless given
 * @property {number} [inChans]      what timm adapts the file to
 * @property {number} [labelOffset]  how many of the file's classes timm leaves out
 * @property {boolean} [faults]      also with deliberate faults
 * @property {boolean} [oldKeys]     DenseNet's keys as published
 * @property {string[]} [without]    keys that the file lacks
 * @property {string[]} [misshapen]  keys that have a row too few
 *
 * @typedef {object} Network
 * @property {"timm" | "torchvision" | "cadene" | "moskomule"} package
 * @property {string} model     as the package calls it
 * @property {number[]} sizes   the first is what the importer must take by itself; the weights are conditioned for it
 *
 * @typedef {Saved & Asked & Network & {name: string}} ZooCase
 */

/**
 * @param {Network["package"]} of
 * @returns {(model: string, saved: Saved, sizes: number[], asked?: Asked) => ZooCase}
 */
const by =
  (of) =>
  (model, saved, sizes, asked = {}) => {
    const name = [of, model, ...(asked.about ? [asked.about] : [])].join(" ");
    return { name, package: of, model, ...saved, sizes, ...asked };
  };
const timm = by("timm");
const torchvision = by("torchvision");
const cadene = by("cadene");
const moskomule = by("moskomule");

/** @param {Partial<Saved>} [of] @returns {Saved} */
const safetensors = (of) => ({ file: "model.safetensors", container: "safetensors", ...of });
/** @param {Partial<Saved>} [of] @returns {Saved} */
const zip = (of) => ({ file: "checkpoint.pth", container: "zip", ...of });
/** @param {Partial<Saved>} [of] @returns {Saved} */
const legacy = (of) => ({ file: "checkpoint.pth", container: "legacy", ...of });
/** @type {Saved} */
const tar = { file: "checkpoint.pth.tar", container: "tar" };
/** @type {Saved} */
const hub = { file: "hub", container: "hub" };

/** Networks with the same keys and shapes as another, which only a name tells apart. @param {string} backbone @returns {Asked} */
const named = (backbone) => ({ flags: ["--backbone", backbone], refuses: "--backbone" });

const timmResnets = [
  timm("seresnet50", safetensors(), [224, 200], { faults: true }),
  timm("seresnet18", zip({ wrapper: "state_dict" }), [224, 250]),
  timm("seresnet34", safetensors({ dtype: "F16" }), [224, 160]),
  timm("seresnext50_32x4d", legacy({ file: "seresnext50_32x4d_racm-a304a460.pth" }), [224, 193]),
  timm("seresnext26d_32x4d", zip({ wrapper: "state_dict_ema" }), [224, 201]),
  timm("seresnext26t_32x4d", safetensors({ dtype: "BF16" }), [224, 192]),
  timm("seresnet152d", safetensors(), [256, 200]),
  timm("senet154", zip({ file: "gluon_senet154-70a1a3c0.pth" }), [224, 130]),
  timm("resnetrs50", safetensors(), [160, 200], { faults: true }),
  timm("seresnextaa101d_32x8d", safetensors(), [288, 160], named("seresnextaa101d_32x8d")),
  timm("seresnext101d_32x8d", safetensors({ file: "seresnext101d_32x8d.safetensors" }), [224, 130]),
  timm("seresnextaa101d_32x8d", hub, [288, 160], { about: "as a folder of the hub", faults: true }),
  timm("resnet18d", legacy({ prefix: "module.", wrapper: "state_dict" }), [224, 165]),
  timm("resnet50d", safetensors({ dtype: "F64" }), [224, 165]),
  timm("resnet50", safetensors(), [224, 200]),
  timm("seresnet18", safetensors(), [224, 200], { about: "37 classes", options: { num_classes: 37 } }),
];

/** Its functions have no default. */
const classes = { options: { num_classes: 1000 } };
const legacySenets = [
  cadene("se_resnet50", legacy({ file: "se_resnet50-ce0d4300.pth" }), [224, 200], { ...classes, faults: true }),
  cadene("se_resnext50_32x4d", legacy({ file: "se_resnext50_32x4d-a260b3a4.pth" }), [224, 165], {
    ...classes,
    faults: true,
  }),
  cadene("senet154", legacy({ file: "senet154-c7b49a05.pth" }), [224, 161], classes),
  timm("legacy_seresnet18", tar, [224, 200], { faults: true }),
  timm("legacy_seresnet34", zip({ file: "seresnet34-a4004e63.pth" }), [224, 250]),
  timm("legacy_seresnet50", safetensors({ dtype: "F16" }), [224, 165]),
  timm("legacy_seresnext26_32x4d", zip({ file: "seresnext26_32x4d-65ebdb501.pth", prefix: "module." }), [224, 201]),
  timm("legacy_senet154", safetensors({ dtype: "BF16" }), [224, 130]),
];

const moskomules = [
  moskomule("se_resnet50", legacy({ file: "seresnet50-60a8950a85b2b.pkl" }), [224, 200], { faults: true }),
  moskomule("se_resnet18", zip({ wrapper: "model" }), [224, 165]),
  moskomule("se_resnet20", tar, [32, 40], { faults: true }),
  moskomule("se_resnet20", zip(), [32, 37], { about: "r = 8", options: { reduction: 8 } }),
  moskomule("se_resnet56", zip({ dtype: "F64" }), [32, 64], { about: "100 classes", options: { num_classes: 100 } }),
];

const torchvisions = [
  torchvision("resnet18", zip({ file: "resnet18-f37072fd.pth" }), [224, 200]),
  torchvision("resnet50", legacy({ file: "resnet50-19c8e357.pth" }), [224, 250], { faults: true }),
  torchvision("resnext50_32x4d", zip({ file: "resnext50_32x4d-7cdf4587.pth" }), [224, 165], { faults: true }),
  torchvision("vgg11", legacy({ file: "vgg11-8a719046.pth" }), [224, 160], { faults: true }),
  torchvision("vgg16_bn", tar, [224, 240]),
  torchvision("googlenet", zip(), [224, 200], { faults: true }),
  torchvision("inception_v3", legacy(), [299, 250], { faults: true }),
  torchvision("mobilenet_v2", zip({ file: "mobilenet_v2-b0353104.pth" }), [224, 203], { faults: true }),
  torchvision("mobilenet_v3_large", zip({ file: "mobilenet_v3_large-8738ca79.pth" }), [224, 203], { faults: true }),
  torchvision("mobilenet_v3_small", safetensors({ dtype: "F16" }), [224, 160]),
  torchvision("efficientnet_b0", zip({ file: "efficientnet_b0_rwightman-3dd342df.pth" }), [224, 203], { faults: true }),
  torchvision("efficientnet_b1", safetensors(), [240, 200]),
  torchvision("efficientnet_b5", zip({ file: "efficientnet_b5_lukemelas-b6417697.pth" }), [456, 200], { faults: true }),
  torchvision("regnet_y_400mf", zip({ file: "regnet_y_400mf-c65dace8.pth" }), [224, 203], { faults: true }),
  torchvision("regnet_y_800mf", zip({ prefix: "module.", wrapper: "model" }), [224, 160]),
  torchvision("densenet121", safetensors(), [224, 160]),
  torchvision("densenet121", legacy({ file: "densenet121-a639ec97.pth" }), [224, 203], {
    ...{ about: "keys as published", oldKeys: true, faults: true },
  }),
];

const otherTimm = [
  timm("efficientnet_b0", safetensors({ file: "efficientnet_b0.safetensors" }), [224, 203], { faults: true }),
  timm("efficientnet_b2", hub, [256, 203]),
  timm("tf_efficientnet_b0", safetensors(), [224, 203], { ...named("tf_efficientnet_b0"), faults: true }),
  timm("tf_efficientnet_b3", zip({ file: "tf_efficientnet_b3_aa-84b4657e.pth" }), [300, 203]),
  timm("mobilenetv3_large_100", safetensors(), [224, 203], { ...named("mobilenetv3_large_100"), faults: true }),
  timm("mobilenetv3_small_100", zip({ file: "mobilenetv3_small_100_lamb-266a294c.pth", dtype: "F16" }), [224, 160]),
  timm("tf_mobilenetv3_large_100", legacy({ file: "tf_mobilenetv3_large_100-427764d5.pth" }), [224, 203], {
    faults: true,
  }),
  timm("regnety_004", safetensors(), [224, 203], { faults: true }),
  timm("regnety_008_tv", zip({ wrapper: "state_dict_ema" }), [224, 160]),
  timm("mobilenetv2_100", safetensors(), [224, 203], { faults: true }),
  timm("vgg11_bn", safetensors(), [224, 160], { faults: true }),
  timm("vgg11", safetensors({ dtype: "BF16" }), [224, 200]),
  timm("inception_v3", safetensors(), [299, 203]),
  timm("inception_resnet_v2", safetensors(), [299, 203], { faults: true }),
  timm("densenet121", safetensors(), [224, 203]),
];

/** @type {Asked} */
const embedding = { about: "--classes 0", flags: ["--classes", "0"], outputs: ["embedding"] };
/** A new classifier on features that must stay. @param {string} features @returns {Asked} */
const tenClasses = (features) => ({
  about: "--classes 10",
  flags: ["--classes", "10", "--features", `${features},logits`],
  outputs: [features],
});
const adapted = [
  timm("seresnet18", safetensors(), [224, 200], embedding),
  timm("mobilenetv3_small_100", safetensors({ file: "mobilenetv3_small_100.safetensors" }), [224, 200], embedding),
  torchvision("efficientnet_b0", zip(), [224, 200], embedding),
  timm("seresnet18", safetensors(), [224, 200], tenClasses("layer4")),
  torchvision("regnet_y_400mf", zip(), [224, 200], tenClasses("trunk_output.block4")),
  ...[1, 4].flatMap((inChans) => {
    const asked = { about: `--in-chans ${inChans}`, inChans, flags: ["--in-chans", String(inChans)] };
    return [
      timm("seresnet18", safetensors(), [224, 200], asked),
      timm("seresnext26t_32x4d", safetensors(), [224, 160], asked),
      timm("legacy_seresnet18", safetensors(), [224, 200], asked),
      timm("efficientnet_b0", safetensors({ file: "efficientnet_b0.safetensors" }), [224, 160], asked),
      timm("regnety_004", safetensors(), [224, 160], asked),
    ];
  }),
  timm("seresnet18", safetensors(), [224, 200], {
    ...{ about: "--label-offset 1", options: { num_classes: 1001 }, labelOffset: 1, flags: ["--label-offset", "1"] },
  }),
  ...["resnet50", "resnet18", "vgg16_bn", "mobilenet_v2", "densenet121", "googlenet"].map((model) =>
    torchvision(model, zip(), [224, 160], {
      ...{ about: "SE added as identity", flags: ["--backbone", model, "--r", "16"] },
    }),
  ),
  timm("seresnet18", safetensors(), [224, 200], {
    about: "--no-strict, keys gone and misshapen",
    without: ["layer4.1.bn2.weight", "fc.bias"],
    misshapen: ["layer4.1.se.fc1.weight"],
    refuses: "2 of them missing, 1 of another shape",
    flags: ["--backbone", "seresnet18", "--no-strict", "--features", "layer3,logits"],
    outputs: ["layer3"],
  }),
];

export const cases = [...timmResnets, ...legacySenets, ...moskomules, ...torchvisions, ...otherTimm, ...adapted];
