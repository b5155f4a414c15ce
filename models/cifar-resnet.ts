import { batchNorm2d, conv2d, linear } from "../src/graph/layers.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { globalAveragePool } from "../src/graph/ops/global-average-pool.js";
import { relu } from "../src/graph/ops/relu.js";
import type { Architecture } from "./architecture.js";
import { basicBlock, projection } from "./resnet.js";

/** 6 n + 2 layers for 32x32 images of ten classes (He et al. 2015, https://arxiv.org/abs/1512.03385, section 4.2), with projections as shortcuts. */
const cifarResnet = (n: number): Architecture => ({
  input: { size: 32, min: 8 },
  classes: 10,
  stages: [2, 3, 4],
  places: basicBlock.places,
  build(image, s, { classes, excite, feature }) {
    let x = relu(batchNorm2d(conv2d(image, s.at("conv1"), 16, { kernel: 3 }), s.at("bn1")));
    for (const stage of [2, 3, 4]) {
      const layer = `layer${stage - 1}`;
      for (let j = 0; j < n; j++) {
        const stride = stage > 2 && j === 0 ? 2 : 1;
        x = basicBlock.build(x, s.at(layer).at(j), { planes: 4 << stage, stride, stage, excite, shortcut: projection });
      }
      x = feature(layer, x);
    }
    const pooled = flatten(globalAveragePool(x, { name: "avgpool" }));
    return classes ? linear(pooled, s.at("fc"), classes) : pooled;
  },
});

export const cifar_resnet20 = /* @__PURE__ */ cifarResnet(3);
export const cifar_resnet32 = /* @__PURE__ */ cifarResnet(5);
export const cifar_resnet56 = /* @__PURE__ */ cifarResnet(9);
export const cifar_resnet110 = /* @__PURE__ */ cifarResnet(18);
