import type { Architecture, OwnSqueezeExcite } from "./architecture.js";
import { resnet18_v1, resnet34_v1, resnet50_v1, resnet101_v1, resnet152_v1 } from "./resnet-v1.js";
import { resnext26_32x4d_v1, resnext50_32x4d_v1, resnext101_32x4d_v1 } from "./resnext.js";

// timm's names for the networks of the SE paper's Caffe models, by way of Cadene's port: biases in SE, v1 units, a stem pool that is rounded up.
const SE: OwnSqueezeExcite = { bias: true };
/** The basic blocks, which have no Caffe model, have a ReLU before SE. */
const SE_AFTER_RELU: OwnSqueezeExcite = { ...SE, where: "relu" };

export const legacy_seresnet18: Architecture = { ...resnet18_v1, se: SE_AFTER_RELU };
export const legacy_seresnet34: Architecture = { ...resnet34_v1, se: SE_AFTER_RELU };
export const legacy_seresnet50: Architecture = { ...resnet50_v1, se: SE };
export const legacy_seresnet101: Architecture = { ...resnet101_v1, se: SE };
export const legacy_seresnet152: Architecture = { ...resnet152_v1, se: SE };
export const legacy_seresnext26_32x4d: Architecture = { ...resnext26_32x4d_v1, se: SE };
export const legacy_seresnext50_32x4d: Architecture = { ...resnext50_32x4d_v1, se: SE };
export const legacy_seresnext101_32x4d: Architecture = { ...resnext101_32x4d_v1, se: SE };
