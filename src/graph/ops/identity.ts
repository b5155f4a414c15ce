import { DTYPES } from "../dtype.js";
import { unary } from "./elementwise.js";

/** x.  https://onnx.ai/onnx/operators/onnx__Identity.html */
export const identity = /* @__PURE__ */ unary("Identity", 1, DTYPES);
