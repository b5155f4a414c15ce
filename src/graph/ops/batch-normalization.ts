import { defineOp, float, int } from "../op.js";
import { tensorType } from "../type.js";

/**
 * scale (x - mean) / sqrt(var + epsilon) + bias, per channel: inference only.
 * x [N,C,...], the others [C] -> as x.  https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */
export const batchNormalization = /* @__PURE__ */ defineOp({
  type: "BatchNormalization",
  since: 9,
  inputs: ["x", "scale", "bias", "mean", "variance"],
  attributes: { epsilon: float.default(1e-5), momentum: float.default(0.9), training_mode: int.default(0, 14) },
  free: ["scale", "bias", "mean", "variance"],
  older: [
    {
      since: 7,
      inputs: ["x", "scale", "bias", "mean", "variance"],
      attributes: { epsilon: float.default(1e-5), momentum: float.default(0.9) },
    },
  ],
  accepts: ({ attrs }) => attrs.training_mode === 0,
  infer([x, ...perChannel]) {
    const c = x.shape[1];
    const names = ["scale", "bias", "mean", "variance"];
    perChannel.forEach((v, i) => {
      if (v.shape.length !== 1 || (typeof c === "number" && typeof v.shape[0] === "number" && v.shape[0] !== c))
        throw new Error(`x has ${c} channels, but ${names[i]} is [${v.shape.join(",")}]`);
    });
    return tensorType(x.dtype, x.shape);
  },
});
