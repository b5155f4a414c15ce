import { DTYPES } from "../dtype.js";
import { defineOp, ints } from "../op.js";
import { tensorType } from "../type.js";

/** The axes in another order: axis i of the output is axis perm[i] of x; turned round unless given.  https://onnx.ai/onnx/operators/onnx__Transpose.html */
export const transpose = /* @__PURE__ */ defineOp({
  type: "Transpose",
  since: 1,
  inputs: ["x"],
  attributes: { perm: ints.optional() },
  dtypes: DTYPES,
  infer([x], { perm = x.shape.map((_, i) => x.shape.length - 1 - i) }) {
    if (
      perm.length !== x.shape.length ||
      new Set(perm).size !== perm.length ||
      perm.some((p) => p < 0 || p >= perm.length)
    )
      throw new Error(`perm [${perm.join(",")}] is no order of the ${x.shape.length} axes of x`);
    return tensorType(
      x.dtype,
      perm.map((p) => x.shape[p] ?? null),
    );
  },
});
