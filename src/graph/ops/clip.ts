import { defineOp } from "../op.js";
import { tensorType } from "../type.js";
import { NUMBERS } from "./elementwise.js";

/** min(max(x, min), max), the limits scalars that may be left out.  https://onnx.ai/onnx/operators/onnx__Clip.html */
export const clip = /* @__PURE__ */ defineOp({
  type: "Clip",
  since: 11,
  inputs: ["x", "min?", "max?"],
  attributes: {},
  dtypes: NUMBERS,
  infer([x, ...limits]) {
    for (const [i, limit] of limits.entries())
      if (limit?.shape.length)
        throw new Error(`${["min", "max"][i]} must be a scalar, but has rank ${limit.shape.length}`);
    return tensorType(x.dtype, x.shape);
  },
});
