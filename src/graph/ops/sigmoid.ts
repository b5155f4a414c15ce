import { unary } from "./elementwise.js";

/** 1 / (1 + exp(-x)).  https://onnx.ai/onnx/operators/onnx__Sigmoid.html */
export const sigmoid = /* @__PURE__ */ unary("Sigmoid", 6);
