import { DTYPES, FLOATS } from "../dtype.js";
import { intOf } from "../shapes/call.js";
import type { Tensor } from "../tensor.js";
import { elements } from "../type.js";
import type { Kernel } from "./kernel.js";
import { numbersOf, tensorOf } from "./typed.js";

/** The place in a tensor of `from` that stands at place `flat` of `to`, to which it is broadcast. */
export function broadcastIndex(from: readonly number[], to: readonly number[]): (flat: number) => number {
  const offset = to.length - from.length;
  return (flat) => {
    let [rest, at, stride] = [flat, 0, 1];
    for (let i = to.length - 1; i >= 0; i--) {
      const length = to[i] ?? 1;
      const own = from[i - offset];
      if (own !== undefined && own !== 1) at += (rest % length) * stride;
      if (own !== undefined) stride *= own;
      rest = Math.floor(rest / length);
    }
    return at;
  };
}

/** f of the inputs, element by element, broadcast. float32 is rounded once from float64, which + - * / and square roots survive unharmed. */
const elementwise =
  (f: (...values: number[]) => number): Kernel =>
  ({ inputs, type }) => {
    const parts = inputs.map((t) => {
      const values = t ? numbersOf(t) : null;
      return t && values && { values, at: broadcastIndex(t.shape, type.shape) };
    });
    if (parts.some((p) => p === null)) return null;
    const out = Array.from({ length: elements(type.shape) }, (_, i) => f(...parts.map((p) => p?.values[p.at(i)] ?? 0)));
    return tensorOf(type, out);
  };
const isFloat = (t: Tensor): boolean => FLOATS.includes(t.dtype);

const divide: Kernel = (c) =>
  c.inputs[0] && isFloat(c.inputs[0]) ? elementwise((a, b) => a / b)(c) : elementwise((a, b) => Math.trunc(a / b))(c); // tensorOf refuses what 0 makes

const cast: Kernel = (c) => {
  const to = DTYPES[(intOf(c.call, "to") ?? 0) - 1];
  const [x] = c.inputs;
  if (!to || !x) return null;
  if (to === "bool") return elementwise((v) => Number(v !== 0))(c);
  return elementwise(isFloat(x) && !FLOATS.includes(to) ? Math.trunc : (v) => v)(c);
};

/** Old opsets say with attributes how to broadcast. */
const since7 =
  (kernel: Kernel): Kernel =>
  (c) =>
    c.call.opset < 7 ? null : kernel(c);

export const ARITHMETIC: Readonly<Record<string, Kernel>> = {
  Add: since7(elementwise((a, b) => a + b)),
  Sub: since7(elementwise((a, b) => a - b)),
  Mul: since7(elementwise((a, b) => a * b)),
  Div: since7(divide),
  Neg: elementwise((a) => -a),
  Abs: elementwise(Math.abs),
  Sqrt: elementwise(Math.sqrt),
  Floor: elementwise(Math.floor),
  Ceil: elementwise(Math.ceil),
  Cast: cast,
  Equal: since7(elementwise((a, b) => Number(a === b))),
  Less: since7(elementwise((a, b) => Number(a < b))),
  Greater: since7(elementwise((a, b) => Number(a > b))),
  Not: elementwise((a) => Number(!a)),
  And: since7(elementwise((a, b) => a & b)),
  Or: since7(elementwise((a, b) => a | b)),
};
