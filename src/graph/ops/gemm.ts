import { FLOATS } from "../dtype.js";
import { defineOp, float, int } from "../op.js";
import { compatible, type RankedType, showShape, tensorType } from "../type.js";
import { broadcast } from "./elementwise.js";

const attributes = { alpha: float.default(1), beta: float.default(1), transA: int.default(0), transB: int.default(0) };

/**
 * alpha A B + beta C, the matrices transposed where asked: with transB = 1 PyTorch's Linear.
 * a [N,K], b [K,M] ([M,K] with transB), c broadcast to [N,M] -> [N,M].  https://onnx.ai/onnx/operators/onnx__Gemm.html
 */
export const gemm = /* @__PURE__ */ defineOp({
  type: "Gemm",
  since: 11,
  inputs: ["a", "b", "c?"],
  attributes,
  dtypes: [...FLOATS, "int32", "int64", "uint32", "uint64"],
  older: [{ since: 7, inputs: ["a", "b", "c"], attributes }],
  infer([a, b, c], { transA, transB }) {
    const [n, k] = matrix("a", a, transA);
    const [features, m] = matrix("b", b, transB);
    if (typeof k === "number" && typeof features === "number" && k !== features)
      throw new Error(`a has ${k} features, but b takes ${features}`);
    const out = tensorType(a.dtype, [n ?? null, m ?? null]);
    if (c && !compatible(out, broadcast(out, c)))
      throw new Error(`c ${showShape(c.shape)} does not fit ${showShape(out.shape)}`);
    return out;
  },
});

function matrix(name: string, t: RankedType, transposed: number): RankedType["shape"] {
  if (t.shape.length !== 2) throw new Error(`${name} must be a matrix, but has rank ${t.shape.length}`);
  return transposed ? t.shape.toReversed() : t.shape;
}
