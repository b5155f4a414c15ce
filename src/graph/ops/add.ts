import { binary } from "./elementwise.js";

/** a + b, broadcast.  https://onnx.ai/onnx/operators/onnx__Add.html */
export const add = /* @__PURE__ */ binary("Add", 7);
