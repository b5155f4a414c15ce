import { defineOp, float, int } from "../op.js";
import { type RankedType, tensorType } from "../type.js";
import { broadcast } from "./elementwise.js";

/**
 * alpha A B + beta C, the matrices transposed where asked: with transB = 1 PyTorch's Linear.
 * a [N,K], b [K,M] ([M,K] with transB), c broadcast to [N,M] -> [N,M].  https://onnx.ai/onnx/operators/onnx__Gemm.html
 */
export const gemm = /* @__PURE__ */ defineOp({
  type: "Gemm",
  since: 7,
  inputs: ["a", "b", "c?"],
  attributes: { alpha: float.default(1), beta: float.default(1), transA: int.default(0), transB: int.default(0) },
  infer([a, b, c], { transA, transB }) {
    const [n, k] = matrix("a", a, transA);
    const [features, m] = matrix("b", b, transB);
    if (typeof k === "number" && typeof features === "number" && k !== features)
      throw new Error(`a has ${k} features, but b takes ${features}`);
    const out = tensorType(a.dtype, [n ?? null, m ?? null]);
    if (c && !broadcast(out, c).shape.every((d, i) => d === out.shape[i]))
      throw new Error(`c [${c.shape.join(",")}] does not fit [${out.shape.join(",")}]`);
    return out;
  },
});

function matrix(name: string, t: RankedType, transposed: number): RankedType["shape"] {
  if (t.shape.length !== 2) throw new Error(`${name} must be a matrix, but has rank ${t.shape.length}`);
  return transposed ? t.shape.toReversed() : t.shape;
}
