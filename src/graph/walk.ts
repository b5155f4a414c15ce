import type { Node, Value } from "./graph.js";
import type { Tensor } from "./tensor.js";

/** Operators that hand numbers on, in another precision. */
const CASTS = /* @__PURE__ */ new Set(["Identity", "Cast", "QuantizeLinear", "DequantizeLinear", "Dropout"]);
/** Operators that hand the numbers of channels on, in another shape or precision. */
const RESHAPES = /* @__PURE__ */ new Set([...CASTS, "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"]);

/** Where `value` comes from, precision aside. */
export const uncast = (value: Value | null | undefined): Value | null => behind(value, CASTS);
/** Where `value` comes from, shape and precision aside: for one number a channel. */
export const unshaped = (value: Value | null | undefined): Value | null => behind(value, RESHAPES);

function behind(value: Value | null | undefined, transparent: ReadonlySet<string>): Value | null {
  let v = value ?? null;
  while (v?.producer && !v.producer.domain && transparent.has(v.producer.op)) v = v.producer.inputs[0] ?? null;
  return v;
}

/** The constant that `value` is made of, precision aside. */
export const constantBehind = (value: Value | null | undefined): Tensor | null => uncast(value)?.constant ?? null;

/** Functions of one number that networks use, beside those that are written with several operators. */
const FUNCTIONS = /* @__PURE__ */ new Set(
  "Relu LeakyRelu PRelu Elu Selu Celu Softplus Softsign Mish Gelu HardSwish Sigmoid HardSigmoid Tanh Clip Erf Sqrt Neg Exp".split(
    " ",
  ),
);
/** Operators on two values that are functions of one number where the other is a constant. */
const ARITHMETIC = /* @__PURE__ */ new Set(["Add", "Sub", "Mul", "Div", "Min", "Max", "Pow"]);
const DIAMOND = 5;

/** The one value that `node` computes its output of, number by number: f(v), v + c, v * f(v). Null where it does something else. */
export function elementwiseInput(node: Node): Value | null {
  if (node.domain) return null;
  const [first = null, second = null] = node.inputs;
  if (FUNCTIONS.has(node.op)) return first;
  if (!ARITHMETIC.has(node.op) || node.inputs.length !== 2) return null;
  if (constantBehind(second)) return first;
  if (constantBehind(first)) return second;
  if (node.op !== "Mul") return null;
  return leadsTo(first, second) ? second : leadsTo(second, first) ? first : null;
}

function leadsTo(from: Value | null, to: Value | null): boolean {
  const end = uncast(to);
  let v = uncast(from);
  for (let steps = 0; v && steps < DIAMOND; steps++) {
    if (v === end) return true;
    v = v.producer ? uncast(elementwiseInput(v.producer)) : null;
  }
  return false;
}
