import type { Value } from "../src/graph/graph.js";
import { batchNorm2d, channelsOf, conv2d, linear } from "../src/graph/layers.js";
import { averagePool } from "../src/graph/ops/average-pool.js";
import { concat } from "../src/graph/ops/concat.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Scope } from "../src/graph/scope.js";
import type { Architecture } from "./architecture.js";
import { stemPool } from "./resnet.js";

/** Channels that each layer adds (Huang et al. 2016, https://arxiv.org/abs/1608.06993, k in Table 1). */
const GROWTH = 32;
/** Layers of each dense block. */
const LAYERS = [6, 12, 24, 16];

/** Pre-activation: normalisation, ReLU, convolution. */
function normConv(x: Value, s: Scope, number: string, out: number, kernel = 1): Value {
  return conv2d(relu(batchNorm2d(x, s.at(`norm${number}`))), s.at(`conv${number}`), out, { kernel });
}

/** 1x1 to four times the growth, 3x3, and all that came before beside it (DenseNet-B, section 3). */
function denseLayer(x: Value, s: Scope, excite: (y: Value, s: Scope) => Value): Value {
  const y = normConv(normConv(x, s, "1", 4 * GROWTH), s, "2", GROWTH, 3);
  return concat([x, excite(y, s.at("se"))], { axis: 1, name: s.path });
}

/**
 * Dense blocks, between which transitions halve channels and size. Parameter names are torchvision's. SE stands after the 1x1
 * of each transition as `features.transitionN.se` and after the last normalisation as `features.norm5.se` ("transition"), or after the 3x3 of
 * each layer ("layer"). Stage n is dense block n with what follows it.
 */
export const densenet121: Architecture = {
  input: { size: 224, min: 32 },
  stages: [1, 2, 3, 4],
  places: ["transition", "layer"],
  build(image, s, { classes, excite, feature }) {
    const features = s.at("features");
    const stem = conv2d(image, features.at("conv0"), 2 * GROWTH, { kernel: 7, stride: 2 });
    let x = stemPool(relu(batchNorm2d(stem, features.at("norm0"))));
    for (const [i, count] of LAYERS.entries()) {
      const stage = i + 1;
      const block = features.at(`denseblock${stage}`);
      const at =
        (place: string) =>
        (y: Value, se: Scope): Value =>
          excite(y, se, { stage, places: [place] });
      for (let j = 1; j <= count; j++) x = denseLayer(x, block.at(`denselayer${j}`), at("layer"));
      x = feature(block.path, x);
      if (stage < LAYERS.length) {
        const transition = features.at(`transition${stage}`);
        x = at("transition")(normConv(x, transition, "", channelsOf(x) / 2), transition.at("se"));
        x = averagePool(x, { name: transition.name("pool"), kernel_shape: [2, 2], strides: [2, 2] });
      } else {
        const norm = features.at("norm5");
        x = feature(norm.path, at("transition")(batchNorm2d(x, norm), norm.at("se")));
      }
    }
    const pooled = flatten(globalAveragePool(relu(x), { name: "avgpool" }));
    return classes ? linear(pooled, s.at("classifier"), classes) : pooled;
  },
};
