import { cadeneCheckpoints } from "./cadene.js";
import { moskomuleCheckpoints } from "./moskomule.js";
import type { Pretrained } from "./pretrained.js";
import { timmByobnet } from "./timm/byobnet.js";
import { timmDensenet } from "./timm/densenet.js";
import { timmEfficientnet } from "./timm/efficientnet.js";
import { timmGhostnet } from "./timm/ghostnet.js";
import { timmHardcorenas } from "./timm/hardcorenas.js";
import { timmInceptionResnetV2 } from "./timm/inception-resnet-v2.js";
import { timmInceptionV3 } from "./timm/inception-v3.js";
import { timmMobilenetv3 } from "./timm/mobilenetv3.js";
import { timmRegnet } from "./timm/regnet.js";
import { timmRepghost } from "./timm/repghost.js";
import { timmResnet } from "./timm/resnet.js";
import { timmRexnet } from "./timm/rexnet.js";
import { timmSenet } from "./timm/senet.js";
import { timmCheckpoints } from "./timm/timm.js";
import { timmTresnet } from "./timm/tresnet.js";
import { timmVgg } from "./timm/vgg.js";
import { timmVovnet } from "./timm/vovnet.js";
import { torchvisionDensenet } from "./torchvision/densenet.js";
import { torchvisionEfficientnet } from "./torchvision/efficientnet.js";
import { torchvisionGooglenet } from "./torchvision/googlenet.js";
import { torchvisionInception } from "./torchvision/inception.js";
import { torchvisionMobilenetv2 } from "./torchvision/mobilenetv2.js";
import { torchvisionMobilenetv3 } from "./torchvision/mobilenetv3.js";
import { torchvisionRegnet } from "./torchvision/regnet.js";
import { torchvisionResnet } from "./torchvision/resnet.js";
import { torchvisionShufflenetv2 } from "./torchvision/shufflenetv2.js";
import { torchvisionCheckpoints } from "./torchvision/torchvision.js";
import { torchvisionVgg } from "./torchvision/vgg.js";

/** Every checkpoint that `--weights` knows by name: those with SE inside, and those of networks here that SE can be added to. */
export const pretrained: readonly Pretrained[] = /* @__PURE__ */ (() => [
  ...[timmResnet, timmByobnet, timmSenet, timmEfficientnet, timmMobilenetv3, timmRegnet].flatMap(timmCheckpoints),
  ...[timmTresnet, timmRexnet, timmGhostnet, timmRepghost, timmHardcorenas, timmVovnet].flatMap(timmCheckpoints),
  ...[timmVgg, timmInceptionV3, timmInceptionResnetV2, timmDensenet].flatMap(timmCheckpoints),
  ...[torchvisionResnet, torchvisionVgg, torchvisionGooglenet, torchvisionInception].flatMap(torchvisionCheckpoints),
  ...[torchvisionMobilenetv2, torchvisionMobilenetv3, torchvisionEfficientnet].flatMap(torchvisionCheckpoints),
  ...[torchvisionRegnet, torchvisionDensenet, torchvisionShufflenetv2].flatMap(torchvisionCheckpoints),
  ...cadeneCheckpoints(),
  ...moskomuleCheckpoints(),
])();
