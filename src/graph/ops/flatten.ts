import { DTYPES } from "../dtype.js";
import { defineOp, int } from "../op.js";
import { type Dim, tensorType } from "../type.js";

/** Keeps the axes before `axis` as one and those after as another: [N,C,1,1] -> [N,C].  https://onnx.ai/onnx/operators/onnx__Flatten.html */
export const flatten = /* @__PURE__ */ defineOp({
  type: "Flatten",
  since: 1,
  inputs: ["x"],
  attributes: { axis: int.default(1) },
  dtypes: DTYPES,
  infer([x], { axis }) {
    const rank = x.shape.length;
    if (axis < -rank || axis > rank) throw new Error(`axis ${axis} is not in x, which has rank ${rank}`);
    const at = axis < 0 ? axis + rank : axis;
    return tensorType(x.dtype, [product(x.shape.slice(0, at)), product(x.shape.slice(at))]);
  },
});

/** The product of the lengths; one symbol among ones stays itself. */
function product(shape: readonly Dim[]): Dim {
  const rest = shape.filter((d) => d !== 1);
  if (rest.length <= 1) return rest.length ? (rest[0] ?? null) : 1;
  return rest.reduce<Dim>((a, b) => (typeof a === "number" && typeof b === "number" ? a * b : null), 1);
}
