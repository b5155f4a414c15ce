import { cadene } from "./cadene.js";
import { moskomule } from "./moskomule.js";
import { own } from "./own.js";
import { timmEfficientnet } from "./timm-efficientnet.js";
import { timmMobilenetv2 } from "./timm-mobilenetv2.js";
import { timmMobilenetv3 } from "./timm-mobilenetv3.js";
import { timmRegnet } from "./timm-regnet.js";
import { timmResnet } from "./timm-resnet.js";
import { timmVgg } from "./timm-vgg.js";
import { torchvision } from "./torchvision.js";
import type { Zoo } from "./zoo.js";

/** Every zoo. The first that a checkpoint has the marks of is its own. */
export const zoos: readonly Zoo[] = [
  cadene,
  moskomule,
  timmResnet,
  timmEfficientnet,
  timmMobilenetv3,
  timmMobilenetv2,
  timmRegnet,
  timmVgg,
  torchvision,
  own,
];
