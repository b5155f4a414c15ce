import type { Dim, Shape } from "../type.js";

/** The length of two axes that must be equal: a number says more than a name, and that more than nothing. */
export const either = (a: Dim, b: Dim): Dim => (typeof a === "number" ? a : typeof b === "number" ? b : (a ?? b));

export const plus = (a: Dim, b: Dim): Dim =>
  a === 0 ? b : b === 0 ? a : typeof a === "number" && typeof b === "number" ? a + b : null;

/** The product of the lengths; one name among ones stays itself. */
export function product(shape: Shape): Dim {
  if (shape.includes(0)) return 0;
  const rest = shape.filter((d) => d !== 1);
  if (rest.every((d) => typeof d === "number")) return rest.reduce((a, b) => a * b, 1);
  return rest.length === 1 ? (rest[0] ?? null) : null;
}

/** product(a) / product(b), where names on both sides cancel out; null where it is not known to be a whole number or one name. */
export function quotient(a: Shape, b: Shape): Dim {
  const left = [...a];
  const right = b.filter((d) => {
    const at = typeof d === "string" ? left.indexOf(d) : -1;
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const numbers = (shape: Shape): number => shape.reduce<number>((n, d) => (typeof d === "number" ? n * d : n), 1);
  const names = left.filter((d) => typeof d !== "number");
  const divisor = numbers(right);
  if (right.some((d) => typeof d !== "number") || divisor === 0) return null;
  const ratio = numbers(left) / divisor;
  if (!names.length) return Number.isInteger(ratio) ? ratio : null;
  return names.length === 1 && ratio === 1 ? (names[0] ?? null) : null;
}

/** NumPy broadcasting of any number of shapes; throws where two lengths cannot meet. */
export function broadcastAll(shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    const lengths = shapes.flatMap((s) => (i < rank - s.length ? [] : [s[i - rank + s.length] ?? null]));
    const others = [...new Set(lengths)].filter((d) => d !== 1);
    const numbers = others.filter((d) => typeof d === "number");
    if (numbers.length > 1) throw new Error(`lengths ${numbers.join(" and ")} of axis ${i} do not broadcast`);
    if (numbers.length) return numbers[0] ?? null;
    return others.length > 1 ? null : others.length ? (others[0] ?? null) : 1;
  });
}
