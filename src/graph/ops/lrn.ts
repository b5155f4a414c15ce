import { defineOp, float, int } from "../op.js";
import { tensorType } from "../type.js";

/**
 * x / (bias + alpha / size * s)^beta, s the sum of squares over `size` channels, from c - floor((size - 1) / 2) on: local response normalisation.
 * x [N,C,...] -> as x; ONNX Runtime runs images and odd sizes only.  https://onnx.ai/onnx/operators/onnx__LRN.html
 */
export const lrn = /* @__PURE__ */ defineOp({
  type: "LRN",
  since: 1,
  inputs: ["x"],
  attributes: { size: int.required(), alpha: float.default(1e-4), beta: float.default(0.75), bias: float.default(1) },
  infer([x], { size }) {
    if (x.shape.length < 2) throw new Error(`x must be [N,C,...], but has rank ${x.shape.length}`);
    if (size < 1) throw new Error(`size ${size} must be 1 or more`);
    return tensorType(x.dtype, x.shape);
  },
});
