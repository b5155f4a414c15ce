import { defineOp, int } from "../op.js";
import { compatible, type Dim, type Shape, showShape, tensorType } from "../type.js";
import { NUMBERS } from "./elementwise.js";

/** Inputs one after another along `axis`; they have the same lengths along all others.  https://onnx.ai/onnx/operators/onnx__Concat.html */
export const concat = /* @__PURE__ */ defineOp({
  type: "Concat",
  since: 4,
  inputs: ["inputs..."],
  attributes: { axis: int.required() },
  dtypes: [...NUMBERS, "bool", "string", "complex64", "complex128"],
  infer([[first, ...others]], { axis }) {
    if (!first) return null; // not reached: there is one at least
    const { dtype, shape } = first;
    const rank = shape.length;
    if (axis < -rank || axis >= rank) throw new Error(`axis ${axis} is not in inputs[0], which has rank ${rank}`);
    const at = axis < 0 ? axis + rank : axis;
    const joined = others.reduce<Shape>((sum, { shape: next }, i) => {
      const fitting = sum.map((d, j) => (j === at ? (next[j] ?? null) : d));
      if (!compatible(tensorType(dtype, fitting), tensorType(dtype, next)))
        throw new Error(
          `inputs[${i + 1}] is ${showShape(next)}, but beside those before it must be ${showShape(fitting)}`,
        );
      return sum.map((d, j) => (j === at ? plus : known)(d, next[j] ?? null));
    }, shape);
    return tensorType(dtype, joined);
  },
});

const plus = (a: Dim, b: Dim): Dim => (typeof a === "number" && typeof b === "number" ? a + b : null);
/** What two names of one length say together. */
const known = (a: Dim, b: Dim): Dim => (typeof b === "number" ? b : (a ?? b));
