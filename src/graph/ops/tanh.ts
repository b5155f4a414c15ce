import { unary } from "./elementwise.js";

/** tanh(x), in (-1, 1).  https://onnx.ai/onnx/operators/onnx__Tanh.html */
export const tanh = /* @__PURE__ */ unary("Tanh", 6);
