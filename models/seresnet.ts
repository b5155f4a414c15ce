import type { Architecture } from "./architecture.js";
import { resnet18, resnet34, resnet50, resnet101, resnet152 } from "./resnet.js";
import { resnext50_32x4d, resnext101_32x4d, resnext101_32x8d, resnext101_64x4d } from "./resnext.js";
import { TIMM_SE } from "./timm-se.js";

// timm's names for the networks with its SE.
export const seresnet18: Architecture = { ...resnet18, se: TIMM_SE };
export const seresnet34: Architecture = { ...resnet34, se: TIMM_SE };
export const seresnet50: Architecture = { ...resnet50, se: TIMM_SE };
export const seresnet101: Architecture = { ...resnet101, se: TIMM_SE };
export const seresnet152: Architecture = { ...resnet152, se: TIMM_SE };
export const seresnext50_32x4d: Architecture = { ...resnext50_32x4d, se: TIMM_SE };
export const seresnext101_32x4d: Architecture = { ...resnext101_32x4d, se: TIMM_SE };
export const seresnext101_32x8d: Architecture = { ...resnext101_32x8d, se: TIMM_SE };
export const seresnext101_64x4d: Architecture = { ...resnext101_64x4d, se: TIMM_SE };
