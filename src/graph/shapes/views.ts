import type { Dim, Shape } from "../type.js";
import {
  given,
  intOf,
  intsFrom,
  intsOf,
  one,
  placeOf,
  placesOf,
  type Rule,
  rankedAt,
  target,
  unknown,
} from "./call.js";
import { either, product, quotient } from "./dims.js";

/** 0 keeps a length, unless allowzero; one -1 takes what is left. */
const reshape: Rule = (call) => {
  const asked = call.opset < 5 ? intsOf(call, "shape") : target(call, 1);
  if (!asked) return one(call, null);
  const source = rankedAt(call, 0)?.shape ?? null;
  const keeps = intOf(call, "allowzero") !== 1;
  const kept = asked.map((d, i): Dim => (d === 0 && keeps ? (source ? (source[i] ?? null) : null) : d));
  if (kept.some((d) => typeof d === "number" && d < -1)) throw new Error("a length is below -1");
  const rest = kept.indexOf(-1);
  if (rest < 0)
    return one(
      call,
      kept.length === 1 && source ? [either(kept[0] ?? null, product(source))] : onlyUnknown(kept, source),
    );
  return one(
    call,
    kept.with(
      rest,
      source
        ? quotient(
            source,
            kept.filter((_, i) => i !== rest),
          )
        : null,
    ),
  );
};
/** A single length that is not known, from the number of elements. */
function onlyUnknown(shape: Shape, source: Shape | null): Shape {
  const at = shape.indexOf(null);
  if (!source || at < 0 || shape.lastIndexOf(null) !== at || shape.includes(0)) return shape;
  return shape.with(
    at,
    quotient(
      source,
      shape.filter((_, i) => i !== at),
    ),
  );
}

const flatten: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return one(call, unknown(2));
  const axis = intOf(call, "axis") ?? 1;
  const at = axis === x.shape.length ? axis : placeOf(axis, x.shape.length);
  return one(call, [product(x.shape.slice(0, at)), product(x.shape.slice(at))]);
};

const squeeze: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return one(call, null);
  const axes = intsFrom(call, "axes", 1);
  if (!axes && (given(call, 1) || x.shape.some((d) => typeof d !== "number"))) return one(call, null);
  const gone = axes ? placesOf(axes, x.shape.length) : [...x.shape.keys()].filter((i) => x.shape[i] === 1);
  if (gone.some((i) => typeof x.shape[i] === "number" && x.shape[i] !== 1))
    throw new Error("a squeezed axis is not 1 long");
  return one(
    call,
    x.shape.filter((_, i) => !gone.includes(i)),
  );
};

const unsqueeze: Rule = (call) => {
  const x = rankedAt(call, 0);
  const axes = intsFrom(call, "axes", 1);
  if (!x || !axes) return one(call, null);
  const rank = x.shape.length + axes.length;
  const made = new Set(placesOf(axes, rank));
  if (made.size !== axes.length) throw new Error("an axis is named twice");
  let next = 0;
  return one(
    call,
    Array.from({ length: rank }, (_, i): Dim => (made.has(i) ? 1 : (x.shape[next++] ?? null))),
  );
};

/** Operators that keep the elements in their order. */
export const VIEWS: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};
