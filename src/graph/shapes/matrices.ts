import { DTYPES } from "../dtype.js";
import { type Dim, type Shape, tensorType } from "../type.js";
import { type Call, intOf, like, type Rule, rankedAt, typeAt } from "./call.js";
import { broadcastAll } from "./dims.js";

/** NumPy's matmul of two shapes. */
function matMul(a: Shape, b: Shape): Shape {
  if (!a.length || !b.length) throw new Error("a and b must have an axis at least");
  const left: Shape = a.length === 1 ? [1, ...a] : a;
  const right: Shape = b.length === 1 ? [...b, 1] : b;
  const batch = broadcastAll([left.slice(0, -2), right.slice(0, -2)]);
  const end = (t: Shape, i: number): Dim => t.at(i) ?? null;
  return [...batch, ...(a.length === 1 ? [] : [end(left, -2)]), ...(b.length === 1 ? [] : [end(right, -1)])];
}
const multiplied = (call: Call, i: number, j: number): Shape | null => {
  const [a, b] = [rankedAt(call, i), rankedAt(call, j)];
  return a && b && matMul(a.shape, b.shape);
};

/** alpha A B + beta C: [N,M] whatever is known of the two. */
const gemm: Rule = (call) => {
  const side = (i: number, transposed: boolean): Dim => rankedAt(call, i)?.shape[transposed ? 1 : 0] ?? null;
  return [like(call, [side(0, intOf(call, "transA") === 1), side(1, intOf(call, "transB") !== 1)])];
};

const eyeLike: Rule = (call) => {
  const x = typeAt(call, 0);
  const dtype = DTYPES[(intOf(call, "dtype") ?? 0) - 1] ?? x?.dtype;
  return [dtype ? tensorType(dtype, x?.shape ?? null) : null];
};

export const MATRICES: Readonly<Record<string, Rule>> = {
  MatMul: (call) => [like(call, multiplied(call, 0, 1))],
  MatMulInteger: (call) => [tensorType("int32", multiplied(call, 0, 1))],
  QLinearMatMul: (call) => [like(call, multiplied(call, 0, 3), 7)],
  Gemm: gemm,
  Det: (call) => [like(call, rankedAt(call, 0)?.shape.slice(0, -2) ?? null)],
  EyeLike: eyeLike,
};
