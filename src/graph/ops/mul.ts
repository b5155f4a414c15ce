import { binary } from "./elementwise.js";

/** a * b, broadcast.  https://onnx.ai/onnx/operators/onnx__Mul.html */
export const mul = /* @__PURE__ */ binary("Mul", 7);
