import { BITS, type DType } from "../dtype.js";
import { defineOp, int } from "../op.js";
import { integers } from "../tensor.js";
import { type Dim, tensorType } from "../type.js";

/**
 * The same elements in another shape. In `shape`, 0 keeps the input's length (unless allowzero) and one -1 takes what is left:
 * [0,-1,1,1] keeps any batch.  https://onnx.ai/onnx/operators/onnx__Reshape.html
 */
export const reshape = /* @__PURE__ */ defineOp({
  type: "Reshape",
  since: 5,
  inputs: ["data", "shape"],
  attributes: { allowzero: int.default(0, 14) },
  dtypes: Object.keys(BITS) as DType[], // its keys are the element types
  fixed: { shape: "int64" },
  infer([data, shape], { allowzero }) {
    const target = integers(shape.constant);
    const length = shape.shape[0];
    if (!target) {
      if (typeof length !== "number") throw new Error("the length of shape is not known");
      return tensorType(
        data.dtype,
        Array.from({ length }, () => null),
      );
    }
    if (target.filter((d) => d === -1).length > 1) throw new Error(`shape [${target.join(",")}] has more than one -1`);
    const kept = (d: number, i: number): boolean => d === 0 && allowzero === 0 && i < data.shape.length;
    const out = target.map((d, i): Dim => (kept(d, i) ? (data.shape[i] ?? null) : d));
    const sourceRest = data.shape.filter((_, i) => !(i < target.length && kept(target[i] ?? -1, i)));
    const targetRest = target.filter((d, i) => d !== -1 && !kept(d, i)).reduce((a, b) => a * b, 1);
    const sourceCount = sourceRest.every((d) => typeof d === "number") ? sourceRest.reduce((a, b) => a * b, 1) : null;
    if (sourceCount !== null && (target.includes(-1) ? sourceCount % targetRest !== 0 : sourceCount !== targetRest))
      throw new Error(`[${data.shape.join(",")}] does not fill [${target.join(",")}]`);
    return tensorType(
      data.dtype,
      out.map((d) => (d === -1 ? (sourceCount === null ? null : sourceCount / targetRest) : d)),
    );
  },
});
