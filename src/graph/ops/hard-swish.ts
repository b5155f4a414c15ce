import { unary } from "./elementwise.js";

/** x min(max(x / 6 + 1/2, 0), 1).  https://onnx.ai/onnx/operators/onnx__HardSwish.html */
export const hardSwish = /* @__PURE__ */ unary("HardSwish", 14);
