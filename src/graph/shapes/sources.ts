import { DTYPES } from "../dtype.js";
import { type Dim, tensorType } from "../type.js";
import { type Call, intOf, intsOf, like, type Rule, rankedAt, typeAt, unknown } from "./call.js";

/** Lengths of a tensor that is made from its shape alone. */
function shapeFrom(call: Call): readonly Dim[] | null {
  const known = call.known(0);
  if (known) return known.elements;
  const length = rankedAt(call, 0)?.shape[0];
  return typeof length === "number" ? unknown(length) : null;
}

/** The axes that Shape tells of: those of `start` to `end`, which came with opset 15. */
export function toldAxes(call: Call, rank: number): readonly [start: number, end: number] {
  const clamp = (n: number): number => Math.max(0, Math.min(rank, n < 0 ? n + rank : n));
  return [clamp(intOf(call, "start") ?? 0), clamp(intOf(call, "end") ?? rank)];
}
const shape: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return [tensorType("int64", [null])];
  const [start, end] = toldAxes(call, x.shape.length);
  return [tensorType("int64", [Math.max(0, end - start)])];
};

const constantOfShape: Rule = (call) => {
  const { value } = call.node.attributes;
  return [tensorType(value?.kind === "tensor" ? value.value.dtype : "float32", shapeFrom(call))];
};

const constant: Rule = ({ node }) => {
  const [[name, a] = ["", null]] = Object.entries(node.attributes);
  if (a?.kind === "tensor" || a?.kind === "sparse") return [tensorType(a.value.dtype, a.value.shape)];
  if (name === "value_int") return [tensorType("int64", [])];
  if (name === "value_float") return [tensorType("float32", [])];
  if (a?.kind === "ints") return [tensorType("int64", [a.value.length])];
  if (a?.kind === "floats") return [tensorType("float32", [a.value.length])];
  if (name === "value_string") return [tensorType("string", [])];
  return [a?.kind === "strings" ? tensorType("string", [a.value.length]) : null];
};

const range: Rule = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => call.known(i)?.elements[0]);
  const counted = typeof start === "number" && typeof limit === "number" && typeof delta === "number" && delta !== 0;
  return [like(call, [counted ? Math.max(0, Math.ceil((limit - start) / delta)) : null])];
};

/** The place of every number that is not zero: as many as only the run tells. */
const nonZero: Rule = (call) => [tensorType("int64", [rankedAt(call, 0)?.shape.length ?? null, null])];

/** Random numbers of a shape that is an attribute. */
const random: Rule = (call) => [
  tensorType(DTYPES[(intOf(call, "dtype") ?? 1) - 1] ?? "float32", intsOf(call, "shape")),
];
const randomLike: Rule = (call) => {
  const type = typeAt(call, 0);
  const dtype = intOf(call, "dtype");
  return [type && tensorType(dtype === null ? type.dtype : (DTYPES[dtype - 1] ?? type.dtype), type.shape)];
};

/** Operators that make numbers, or tell of shapes. */
export const SOURCES: Readonly<Record<string, Rule>> = {
  Shape: shape,
  Size: () => [tensorType("int64", [])],
  ConstantOfShape: constantOfShape,
  Constant: constant,
  Range: range,
  NonZero: nonZero,
  RandomNormal: random,
  RandomUniform: random,
  RandomNormalLike: randomLike,
  RandomUniformLike: randomLike,
  Bernoulli: randomLike,
};
