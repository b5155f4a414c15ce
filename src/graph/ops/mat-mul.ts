import { FLOATS } from "../dtype.js";
import { defineOp } from "../op.js";
import { type Dim, tensorType } from "../type.js";
import { broadcast } from "./elementwise.js";

/**
 * NumPy's matmul: matrices in the last two axes, the axes before them broadcast, a vector taken as a row or a column.
 * a [...,N,K], b [...,K,M] -> [...,N,M].  https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
export const matMul = /* @__PURE__ */ defineOp({
  type: "MatMul",
  since: 1,
  inputs: ["a", "b"],
  attributes: {},
  dtypes: [...FLOATS, "int32", "int64", "uint32", "uint64"],
  infer([a, b]) {
    if (!a.shape.length || !b.shape.length) throw new Error("a and b must have an axis at least, but one is a scalar");
    const left: readonly Dim[] = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
    const right: readonly Dim[] = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
    const [n = null, k = null] = left.slice(-2);
    const [rows = null, m = null] = right.slice(-2);
    if (typeof k === "number" && typeof rows === "number" && k !== rows)
      throw new Error(`a has ${k} columns, but b has ${rows} rows`);
    const batch = broadcast(tensorType(a.dtype, left.slice(0, -2)), tensorType(b.dtype, right.slice(0, -2))).shape;
    return tensorType(a.dtype, [...batch, ...(a.shape.length === 1 ? [] : [n]), ...(b.shape.length === 1 ? [] : [m])]);
  },
});
