import { BITS, type DType } from "../dtype.js";
import { unary } from "./elementwise.js";

/** x.  https://onnx.ai/onnx/operators/onnx__Identity.html */
export const identity = /* @__PURE__ */ unary("Identity", 1, Object.keys(BITS) as DType[]); // its keys are the element types
