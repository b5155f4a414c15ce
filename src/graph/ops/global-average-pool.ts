import { defineOp } from "../op.js";
import { tensorType } from "../type.js";

/** Mean over all but batch and channels: the squeeze. x [N,C,H,W] -> [N,C,1,1].  https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html */
export const globalAveragePool = /* @__PURE__ */ defineOp({
  type: "GlobalAveragePool",
  since: 1,
  inputs: ["x"],
  attributes: {},
  infer([x]) {
    if (x.shape.length < 3) throw new Error(`x must be [N,C,H,...], but has rank ${x.shape.length}`);
    return tensorType(
      x.dtype,
      x.shape.map((d, i) => (i < 2 ? d : 1)),
    );
  },
});
