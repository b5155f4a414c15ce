import { DTYPES, FLOATS } from "../dtype.js";
import type { Dim } from "../type.js";
import { type Call, intOf, intsFrom, placesOf, rankedAt } from "./call.js";
import { product } from "./dims.js";
import { bounded, type Known, knownConstant, scalar, vector } from "./known.js";
import { sliced, slicing } from "./slices.js";
import { toldAxes } from "./sources.js";

/** What is known of the numbers of a node's first output; null where that is nothing, or the operator is no shape arithmetic. */
export function knownOutput(call: Call): Known | null {
  const rule = ARITHMETIC[call.node.op];
  const found = rule?.(call) ?? null;
  return found && bounded(found);
}
type Rule = (call: Call) => Known | null;

const isFloat = ({ dtype }: Known): boolean => FLOATS.includes(dtype);
const map = (x: Known | null, f: (d: Dim) => Dim): Known | null => x && { ...x, elements: x.elements.map(f) };
const first: Rule = (call) => call.known(0);
/** A function of numbers; names become null. */
const number =
  (f: (n: number) => number): Rule =>
  (call) =>
    map(call.known(0), (d) => (typeof d === "number" ? f(d) : null));

/** Two vectors of one length, or one of them a single number. */
const binary =
  (f: (a: Dim, b: Dim, float: boolean) => Dim): Rule =>
  (call) => {
    const [a, b] = [call.known(0), call.known(1)];
    if (!a || !b || call.node.inputs.length !== 2) return null;
    const [n, m] = [a.elements.length, b.elements.length];
    if (n !== m && n !== 1 && m !== 1) return null;
    const length = n === 1 ? m : n;
    const at = (k: Known, i: number): Dim => k.elements[k.elements.length === 1 ? 0 : i] ?? null;
    const shape = a.shape.length || b.shape.length ? [length] : [];
    const round = (d: Dim): Dim => (typeof d === "number" && a.dtype === "float32" ? Math.fround(d) : d);
    return {
      dtype: a.dtype,
      shape,
      elements: Array.from({ length }, (_, i) => round(f(at(a, i), at(b, i), isFloat(a)))),
    };
  };
const both = (a: Dim, b: Dim, f: (a: number, b: number) => number): Dim =>
  typeof a === "number" && typeof b === "number" ? f(a, b) : null;
const multiplied = (a: Dim, b: Dim): Dim => product([a, b]);
const divided = (a: Dim, b: Dim, float: boolean): Dim => {
  if (b === 1) return a;
  if (b === 0) return null;
  return both(a, b, (p, q) => (float ? p / q : Math.trunc(p / q)));
};
const added = (a: Dim, b: Dim): Dim => (b === 0 ? a : a === 0 ? b : both(a, b, (p, q) => p + q));

const cast: Rule = (call) => {
  const x = call.known(0);
  const dtype = DTYPES[(intOf(call, "to") ?? 0) - 1];
  if (!x || (dtype !== "int64" && dtype !== "int32" && dtype !== "float32" && dtype !== "float64")) return null;
  const convert = FLOATS.includes(dtype) ? (dtype === "float32" ? Math.fround : (n: number) => n) : Math.trunc;
  const fits = (n: number): boolean => dtype !== "int32" || Math.abs(n) < 2 ** 31;
  return {
    ...x,
    dtype,
    elements: x.elements.map((d) => (typeof d !== "number" ? d : fits(d) ? convert(d) : null)),
  };
};

const shape: Rule = (call) => {
  const x = rankedAt(call, 0);
  return x && vector("int64", x.shape.slice(...toldAxes(call, x.shape.length)));
};
const size: Rule = (call) => {
  const x = rankedAt(call, 0);
  return x && scalar("int64", product(x.shape));
};

const gather: Rule = (call) => {
  const [x, indices] = [call.known(0), call.known(1)];
  if (!x || !indices || x.shape.length !== 1) return null;
  const { length } = x.elements;
  const elements = indices.elements.map(
    (i): Dim => (typeof i === "number" ? (x.elements[i < 0 ? i + length : i] ?? null) : null),
  );
  return { dtype: x.dtype, shape: indices.shape, elements };
};

const concat: Rule = (call) => {
  const { inputs } = call.node;
  const parts = inputs.map((v, i): Known | null => {
    const length = rankedAt(call, i)?.shape;
    const blank = length?.length === 1 && typeof length[0] === "number" && v?.type?.kind === "tensor";
    return call.known(i) ?? (blank ? vector(v.type.dtype, Array<null>(Number(length[0])).fill(null)) : null);
  });
  const [start] = parts;
  if (!start || parts.some((p) => p?.shape.length !== 1)) return null;
  return vector(
    start.dtype,
    parts.flatMap((p) => p?.elements ?? []),
  );
};

/** The same numbers as a vector or a scalar, if that is what comes out. */
const reshaped =
  (rank: (call: Call, from: number) => number | null): Rule =>
  (call) => {
    const x = call.known(0);
    const to = x && rank(call, x.shape.length);
    if (!x || to === null || to > 1 || (to === 0 && x.elements.length !== 1)) return null;
    return { ...x, shape: to ? [x.elements.length] : [] };
  };
/** Axes that go, or none where no word is said of them. */
const axesOf = (call: Call): readonly number[] | null => intsFrom(call, "axes", 1);

const slice: Rule = (call) => {
  const x = call.known(0);
  const [part, ...more] = slicing(call) ?? [];
  if (!x || !part || more.length || x.shape.length !== 1) return null;
  const { first: from, count } = sliced(x.elements.length, part.start, part.end, part.step);
  return vector(
    x.dtype,
    Array.from({ length: count }, (_, i) => x.elements[from + i * part.step] ?? null),
  );
};

const reduceProd: Rule = (call) => {
  const x = call.known(0);
  if (!x) return null;
  const axes = axesOf(call);
  if (axes && placesOf(axes, x.shape.length).length !== x.shape.length) return null;
  const keep = (intOf(call, "keepdims") ?? 1) === 1 && x.shape.length === 1;
  return { ...x, shape: keep ? [1] : [], elements: [product(x.elements)] };
};

const constantOfShape: Rule = (call) => {
  const length = call.known(0)?.elements;
  const { value } = call.node.attributes;
  const fill = value?.kind === "tensor" ? knownConstant(value.value) : scalar("float32", 0);
  if (!fill || length?.length !== 1 || typeof length[0] !== "number" || length[0] < 0 || length[0] > 1024) return null;
  return vector(fill.dtype, Array<Dim>(length[0]).fill(fill.elements[0] ?? null));
};

const expand: Rule = (call) => {
  const [x, to] = [call.known(0), call.known(1)?.elements];
  const [length] = to ?? [];
  if (x?.elements.length !== 1 || to?.length !== 1 || typeof length !== "number" || length < 1 || length > 1024)
    return null;
  return vector(x.dtype, Array<Dim>(length).fill(x.elements[0] ?? null));
};

/** -1 in a vector of lengths means something else than a name; only numbers and equal names are told apart. */
const equal: Rule = (call) => {
  const answer = binary((a, b) =>
    typeof a === "number" && typeof b === "number" ? Number(a === b) : a !== null && a === b ? 1 : bothLengths(a, b),
  )(call);
  return answer && { ...answer, dtype: "bool" };
};
/** A length is never below 0. */
const bothLengths = (a: Dim, b: Dim): Dim =>
  (typeof a === "number" && a < 0 && typeof b === "string") || (typeof b === "number" && b < 0 && typeof a === "string")
    ? 0
    : null;

const where: Rule = (call) => {
  const [condition, a, b] = [call.known(0), call.known(1), call.known(2)];
  if (!condition || !a || !b) return null;
  const { length } = condition.elements;
  if (a.elements.length !== length || b.elements.length !== length) return null;
  const elements = condition.elements.map((c, i): Dim => (c === null ? null : ((c ? a : b).elements[i] ?? null)));
  return { dtype: a.dtype, shape: [a, b, condition].some((k) => k.shape.length) ? [length] : [], elements };
};

/** Operators that exporters compute shapes with. */
const ARITHMETIC: Readonly<Record<string, Rule>> = {
  Shape: shape,
  Size: size,
  Gather: gather,
  Concat: concat,
  Slice: slice,
  Identity: first,
  Cast: cast,
  Unsqueeze: reshaped((call, from) => (axesOf(call)?.length === 1 ? from + 1 : null)),
  Squeeze: reshaped((_, from) => (from === 1 ? 0 : null)),
  Reshape: reshaped((call) => call.known(1)?.elements.length ?? null),
  Add: binary(added),
  Sub: binary((a, b) => (b === 0 ? a : both(a, b, (p, q) => p - q))),
  Mul: binary(multiplied),
  Div: binary(divided),
  Min: binary((a, b) => both(a, b, Math.min)),
  Max: binary((a, b) => both(a, b, Math.max)),
  Neg: number((n) => -n),
  Floor: number(Math.floor),
  Ceil: number(Math.ceil),
  Equal: equal,
  Where: where,
  ReduceProd: reduceProd,
  ConstantOfShape: constantOfShape,
  Expand: expand,
};
