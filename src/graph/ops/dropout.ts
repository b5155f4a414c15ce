import { defineOp, float, int } from "../op.js";
import { tensorType } from "../type.js";

/**
 * Sets elements to 0 at random in training and does nothing in inference, the only use that is matched here.
 * https://onnx.ai/onnx/operators/onnx__Dropout.html
 */
export const dropout = /* @__PURE__ */ defineOp({
  type: "Dropout",
  since: 12,
  inputs: ["x", "ratio?", "training_mode?"],
  attributes: { seed: int.optional() },
  free: ["ratio"],
  fixed: { training_mode: "bool" },
  older: [{ since: 7, inputs: ["x"], attributes: { ratio: float.default(0.5) } }],
  accepts: ({ node }) => !node.inputs[2] || node.inputs[2].constant?.data?.[0] === 0,
  infer: ([x]) => tensorType(x.dtype, x.shape),
});
