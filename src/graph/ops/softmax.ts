import { defineOp, int } from "../op.js";
import { tensorType } from "../type.js";

/** exp(x) / sum(exp(x)) along one axis.  https://onnx.ai/onnx/operators/onnx__Softmax.html */
export const softmax = /* @__PURE__ */ defineOp({
  type: "Softmax",
  since: 13,
  inputs: ["x"],
  attributes: { axis: int.default(-1) },
  infer([x], { axis }) {
    if (axis < -x.shape.length || axis >= x.shape.length)
      throw new Error(`axis ${axis} is not in x, which has rank ${x.shape.length}`);
    return tensorType(x.dtype, x.shape);
  },
});
