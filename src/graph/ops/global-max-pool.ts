import { defineOp } from "../op.js";
import { globallyPooled } from "./window.js";

/** The largest value over all but batch and channels. x [N,C,H,W] -> [N,C,1,1].  https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html */
export const globalMaxPool = /* @__PURE__ */ defineOp({
  type: "GlobalMaxPool",
  since: 1,
  inputs: ["x"],
  attributes: {},
  infer: ([x]) => globallyPooled(x),
});
