import { defineOp, float, int } from "../op.js";
import { tensorType } from "../type.js";

/**
 * scale (x - mean) / sqrt(var + epsilon) + bias, per channel: inference only.
 * x [N,C,...] (or [N], of one channel), the others [C] -> as x.  https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */
export const batchNormalization = /* @__PURE__ */ defineOp({
  type: "BatchNormalization",
  since: 7,
  inputs: ["x", "scale", "bias", "mean", "variance"],
  attributes: { epsilon: float.default(1e-5), momentum: float.default(0.9), training_mode: int.default(0, 14) },
  free: ["scale", "bias", "mean", "variance"],
  accepts: ({ attrs }) => attrs.training_mode === 0,
  infer([x, ...perChannel]) {
    if (!x.shape.length) throw new Error("x must be [N,C,...], but has rank 0");
    const c = x.shape.length === 1 ? 1 : x.shape[1];
    const names = ["scale", "bias", "mean", "variance"];
    for (const [i, v] of perChannel.entries()) {
      const [length] = v.shape;
      if (v.shape.length !== 1) throw new Error(`${names[i]} must be [C], but has rank ${v.shape.length}`);
      if (typeof c === "number" && typeof length === "number" && length !== c)
        throw new Error(`x has ${c} channels, but ${names[i]} has ${length}`);
    }
    return tensorType(x.dtype, x.shape);
  },
});
