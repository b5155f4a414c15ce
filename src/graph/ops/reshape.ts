import { DTYPES } from "../dtype.js";
import { defineOp, int } from "../op.js";
import { integers } from "../tensor.js";
import { type Dim, elements, showShape, tensorType } from "../type.js";

/**
 * The same elements in another shape. In `shape`, 0 keeps the input's length (unless allowzero) and one -1 takes what is left:
 * [0,-1,1,1] keeps any batch.  https://onnx.ai/onnx/operators/onnx__Reshape.html
 */
export const reshape = /* @__PURE__ */ defineOp({
  type: "Reshape",
  since: 5,
  inputs: ["data", "shape"],
  attributes: { allowzero: int.default(0, 14) },
  dtypes: DTYPES,
  fixed: { shape: "int64" },
  infer([data, shape], { allowzero }) {
    if (shape.shape.length !== 1) throw new Error(`shape must be a vector, but has rank ${shape.shape.length}`);
    const target = integers(shape.constant);
    const [length] = shape.shape;
    if (!target) return typeof length === "number" ? tensorType(data.dtype, Array<null>(length).fill(null)) : null;
    const said = `shape ${showShape(target)}`;
    const rests = target.filter((d) => d === -1).length;
    if (target.some((d) => d < -1)) throw new Error(`${said} has a length below -1`);
    if (rests > 1) throw new Error(`${said} has more than one -1`);
    if (rests && allowzero && target.includes(0))
      throw new Error(`${said} has both 0 and -1, which allowzero rules out`);
    const kept = target.map((d) => d === 0 && !allowzero);
    if (kept.lastIndexOf(true) >= data.shape.length)
      throw new Error(`${said} keeps an axis that data ${showShape(data.shape)} does not have`);

    const source = data.shape.filter((_, i) => !kept[i]);
    const available = source.every((d) => typeof d === "number") ? elements(source) : null;
    const asked = elements(target.filter((d, i) => d !== -1 && !kept[i]));
    if (available !== null && (rests ? available % asked !== 0 : available !== asked))
      throw new Error(`data ${showShape(data.shape)} does not fill ${said}`);
    const rest = available === null ? null : available / asked;
    const out = target.map((d, i): Dim => (kept[i] ? (data.shape[i] ?? null) : d === -1 ? rest : d));
    return tensorType(data.dtype, out);
  },
});
