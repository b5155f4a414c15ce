import { defineOp } from "../op.js";
import { globallyPooled } from "./window.js";

/** Mean over all but batch and channels: the squeeze. x [N,C,H,W] -> [N,C,1,1].  https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html */
export const globalAveragePool = /* @__PURE__ */ defineOp({
  type: "GlobalAveragePool",
  since: 1,
  inputs: ["x"],
  attributes: {},
  infer: ([x]) => globallyPooled(x),
});
