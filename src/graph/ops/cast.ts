import { DTYPES } from "../dtype.js";
import { defineOp, int, string } from "../op.js";
import { tensorType } from "../type.js";

const REAL = /* @__PURE__ */ DTYPES.filter((d) => !d.startsWith("complex"));

/**
 * x in another element type, told by its number: `cast(x, { to: dataType("float16") })`. The complex ones have no Cast.
 * https://onnx.ai/onnx/operators/onnx__Cast.html
 */
export const cast = /* @__PURE__ */ defineOp({
  type: "Cast",
  since: 6,
  inputs: ["x"],
  attributes: { to: int.required(), saturate: int.default(1, 19), round_mode: string.default("up", 24) },
  dtypes: REAL,
  infer([x], { to }) {
    const dtype = DTYPES[to - 1];
    if (!dtype || !REAL.includes(dtype))
      throw new Error(`to is ${dtype ?? to}; it takes the numbers of ${REAL.join(", ")}`);
    return tensorType(dtype, x.shape);
  },
});
