import { FLOATS } from "../dtype.js";
import { unary } from "./elementwise.js";

/** max(x, 0).  https://onnx.ai/onnx/operators/onnx__Relu.html */
export const relu = /* @__PURE__ */ unary("Relu", 6, [...FLOATS, "int8", "int16", "int32", "int64"]);
