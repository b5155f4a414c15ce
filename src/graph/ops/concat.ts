import { BITS, type DType } from "../dtype.js";
import { defineOp, int } from "../op.js";
import { compatible, type Dim, showShape, tensorType } from "../type.js";

/** Inputs one after another along `axis`, equal in all others.  https://onnx.ai/onnx/operators/onnx__Concat.html */
export const concat = /* @__PURE__ */ defineOp({
  type: "Concat",
  since: 4,
  inputs: ["inputs..."],
  attributes: { axis: int.required() },
  dtypes: Object.keys(BITS) as DType[], // its keys are the element types
  infer([inputs], { axis }) {
    const [first, ...others] = inputs;
    if (!first) return null;
    const rank = first.shape.length;
    if (axis < -rank || axis >= rank) throw new Error(`axis ${axis} is not in inputs[0], which has rank ${rank}`);
    const at = axis < 0 ? axis + rank : axis;
    const along = (shape: readonly Dim[]): Dim => shape[at] ?? null;
    const shape = others.reduce<readonly Dim[]>((sum, { shape: next }, i) => {
      const aligned = sum.map((d, j) => (j === at ? along(next) : d));
      if (next.length !== rank || !compatible(tensorType(first.dtype, aligned), tensorType(first.dtype, next)))
        throw new Error(`inputs[${i + 1}] ${showShape(next)} does not fit ${showShape(first.shape)} beside axis ${at}`);
      const [p, q] = [along(sum), along(next)];
      return sum.map((d, j) => {
        if (j === at) return typeof p === "number" && typeof q === "number" ? p + q : null;
        return typeof d === "number" ? d : (next[j] ?? d);
      });
    }, first.shape);
    return tensorType(first.dtype, shape);
  },
});
