import { defineOp, float } from "../op.js";
import { tensorType } from "../type.js";

/** min(max(alpha x + beta, 0), 1); PyTorch's slope is 1/6.  https://onnx.ai/onnx/operators/onnx__HardSigmoid.html */
export const hardSigmoid = /* @__PURE__ */ defineOp({
  type: "HardSigmoid",
  since: 6,
  inputs: ["x"],
  attributes: { alpha: float.default(0.2), beta: float.default(0.5) },
  infer: ([x]) => tensorType(x.dtype, x.shape),
});
