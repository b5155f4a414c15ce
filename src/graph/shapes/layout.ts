import { type Dim, type Type, tensorType } from "../type.js";
import {
  type Call,
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
  textOf,
  typeAt,
  unknown,
} from "./call.js";
import { broadcastAll, either, plus, product } from "./dims.js";

const transpose: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return one(call, null);
  const perm = intsOf(call, "perm") ?? [...x.shape.keys()].reverse();
  if (perm.length !== x.shape.length) throw new Error("perm is no order of the axes");
  return one(
    call,
    perm.map((p) => x.shape[p] ?? null),
  );
};

const expand: Rule = (call) => {
  const asked = target(call, 1);
  const x = rankedAt(call, 0);
  return one(call, x && asked ? broadcastAll([x.shape, asked]) : null);
};

const concat: Rule = (call) => {
  const all = call.node.inputs.map((_, i) => rankedAt(call, i)?.shape ?? null);
  const known = all.filter((s) => s !== null);
  const [first] = known;
  if (!first) return one(call, null);
  const at = placeOf(intOf(call, "axis") ?? 1, first.length);
  if (known.some((s) => s.length !== first.length)) throw new Error("the inputs differ in rank");
  const whole = known.length === all.length;
  return one(
    call,
    first.map((_, i) => {
      const lengths = known.map((s) => s[i] ?? null);
      return i === at ? (whole ? lengths.reduce<Dim>(plus, 0) : null) : lengths.reduce<Dim>(either, null);
    }),
  );
};

const pad: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return one(call, null);
  const rank = x.shape.length;
  const pads = intsOf(call, "paddings") ?? intsFrom(call, "pads", 1);
  const axes = given(call, 3) ? intsFrom(call, "axes", 3) : [...x.shape.keys()];
  if (!pads || !axes) return one(call, unknown(rank));
  if (pads.length !== 2 * axes.length) throw new Error(`${axes.length} axes take ${2 * axes.length} pads`);
  const shape = [...x.shape];
  for (const [i, axis] of placesOf(axes, rank).entries())
    shape[axis] = plus(shape[axis] ?? null, (pads[i] ?? 0) + (pads[i + axes.length] ?? 0));
  return one(call, shape);
};

const tile: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (call.opset < 6 || !x) return one(call, null);
  const repeats = target(call, 1);
  return one(
    call,
    x.shape.map((d, i) => (repeats ? product([d, repeats[i] ?? null]) : null)),
  );
};

/** Blocks of pixels into channels or back. */
const blocks =
  (grow: boolean): Rule =>
  (call) => {
    const x = rankedAt(call, 0);
    const b = intOf(call, "blocksize");
    if (!x || !b) return one(call, null);
    const [n = null, c = null, ...size] = x.shape;
    const by = (d: Dim, up: boolean, times: number): Dim =>
      typeof d === "number" ? (up ? d * times : d / times) : null;
    return one(call, [n, by(c, !grow, b * b), ...size.map((d) => by(d, grow, b))]);
  };

/** Lengths given as `sizes`, or `scales` times those of x, rounded down. */
const resize: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (!x) return one(call, null);
  const old = call.node.op === "Upsample" || call.opset < 11;
  const axes = intsOf(call, "axes");
  const places = axes ? placesOf(axes, x.shape.length) : [...x.shape.keys()];
  const sizes = !old && given(call, 3) ? target(call, 3) : null;
  const scales = floats(call, "scales") ?? (sizes ? null : call.known(old ? 1 : 2)?.elements);
  const policy = textOf(call, "keep_aspect_ratio_policy") ?? "stretch";
  const plain = (i: number): Dim => {
    const d = x.shape[places[i] ?? 0] ?? null;
    if (sizes) return policy === "stretch" ? (sizes[i] ?? null) : null;
    const scale = scales?.[i];
    if (scale === 1) return d;
    return typeof d === "number" && typeof scale === "number" ? Math.floor(d * scale) : null;
  };
  const shape = [...x.shape];
  for (const [i, axis] of places.entries()) shape[axis] = plain(i);
  return one(call, shape);
};
function floats({ node }: Call, name: string): readonly number[] | null {
  const a = node.attributes[name];
  return a?.kind === "floats" ? a.value : null;
}

const oneHot: Rule = (call) => {
  const [x, values] = [rankedAt(call, 0), typeAt(call, 2)];
  const depth = call.known(1)?.elements[0] ?? null;
  if (!values) return [null];
  const axis = intOf(call, "axis") ?? -1;
  if (!x) return [tensorType(values.dtype, null)];
  const at = placeOf(axis, x.shape.length + 1);
  return [tensorType(values.dtype, x.shape.toSpliced(at, 0, depth))];
};
/** x [N,C,...] read at a grid [N,H',W',2] of places -> [N,C,H',W']. */
const gridSample: Rule = (call) => {
  const [x, grid] = [rankedAt(call, 0), rankedAt(call, 1)];
  return one(call, x && grid ? [x.shape[0] ?? null, x.shape[1] ?? null, ...grid.shape.slice(1, -1)] : null);
};
/** x alone, whatever else is given: Scatter and the like. */
const first: Rule = ({ node }): readonly (Type | null)[] => [node.inputs[0]?.type ?? null];

/** Operators that hand numbers on in another shape. */
export const LAYOUT: Readonly<Record<string, Rule>> = {
  Transpose: transpose,
  Expand: expand,
  Concat: concat,
  Pad: pad,
  Tile: tile,
  DepthToSpace: blocks(true),
  SpaceToDepth: blocks(false),
  Resize: resize,
  Upsample: resize,
  OneHot: oneHot,
  GridSample: gridSample,
  Scatter: first,
  ScatterElements: first,
  ScatterND: first,
  ReverseSequence: first,
};
