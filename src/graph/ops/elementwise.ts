import { type DType, FLOATS } from "../dtype.js";
import { defineOp } from "../op.js";
import { type Dim, type RankedType, showShape, tensorType } from "../type.js";

/** NumPy broadcasting. Beside a length above 1, a symbolic or unknown one must come out as that or as 1. */
export function broadcast(a: RankedType, b: RankedType): RankedType {
  const rank = Math.max(a.shape.length, b.shape.length);
  const at = (t: RankedType, i: number): Dim => {
    const d = t.shape[t.shape.length - rank + i];
    return d === undefined ? 1 : d;
  };
  const shape = Array.from({ length: rank }, (_, i): Dim => {
    const [p, q] = [at(a, i), at(b, i)];
    if (p === q || q === 1) return p;
    if (p === 1) return q;
    if (typeof p === "number" && typeof q === "number")
      throw new Error(
        `${a.dtype}${showShape(a.shape)} and ${b.dtype}${showShape(b.shape)} do not broadcast: axis ${i} has ${p} and ${q}`,
      );
    return typeof p === "number" ? p : typeof q === "number" ? q : null;
  });
  return tensorType(a.dtype, shape);
}

export const NUMBERS: readonly DType[] = [
  ...FLOATS,
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
];

/** y = f(x), element by element. */
/* @__NO_SIDE_EFFECTS__ */
export const unary = <const T extends string>(type: T, since: number, dtypes: readonly DType[] = FLOATS) =>
  defineOp({ type, since, inputs: ["x"], attributes: {}, dtypes, infer: ([x]) => tensorType(x.dtype, x.shape) });

/** c = f(a, b), element by element, with NumPy broadcasting. */
/* @__NO_SIDE_EFFECTS__ */
export const binary = <const T extends string>(type: T, since: number, dtypes: readonly DType[] = NUMBERS) =>
  defineOp({ type, since, inputs: ["a", "b"], attributes: {}, dtypes, infer: ([a, b]) => broadcast(a, b) });
