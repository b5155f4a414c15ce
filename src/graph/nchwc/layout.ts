import type { Node, Value } from "../graph.js";
import { int64s } from "../tensor.js";
import type { RankedType } from "../type.js";
import { blockedType, call, int, ints, shapeOf, typeOf, whole } from "./call.js";
import type { Convolution } from "./convolution.js";
import type { WeightBlocker } from "./weight-blocker.js";

/** The values of a graph in blocked layout, as far as they are made. */
export interface Layout {
  readonly blocker: WeightBlocker;
  /** The blocked map of a value. */
  readonly maps: Map<Value, Value>;
  /** Values that are there in both layouts. */
  readonly both: Set<Value>;
  /** Gates [1,C,1,1] in blocked layout that maps are yet to be multiplied by: the convolutions that read them do it (late-gate.ts). */
  readonly late: Map<Value, Value>;
  /** Convolutions that may still take a sum or an activation along, by the value that they make. */
  readonly open: Map<Value, Convolution>;
}
export const emptyLayout = (blocker: WeightBlocker): Layout => ({
  blocker,
  maps: new Map(),
  both: new Set(),
  late: new Map(),
  open: new Map(),
});
/** Computes a node with one output on blocked maps; false where that cannot be. */
export type Rule = (node: Node, output: Value, layout: Layout) => boolean;

/** The blocked map of `v`, filled up with zeros and reordered where it is not yet blocked; null where its shape is not known. */
export function blocked(v: Value, { maps, both }: Layout): Value | null {
  const known = maps.get(v);
  const [, channels = 0] = shapeOf(v) ?? [];
  if (known || channels === 0) return known ?? null;
  const [name, type] = [`${v.name}.blocked`, blockedType(v)];
  const missing = whole(channels) - channels;
  const filled = missing ? padChannels(v, `${name}.filled`, missing, type) : v;
  const made = call(v.graph, "ReorderInput", name, [filled], type, { channels_last: int(0) });
  maps.set(v, made);
  both.add(v);
  return made;
}

/** Zeros behind the channels of v [N,C,H,W]; how many is an attribute of Pad before opset 11. */
function padChannels(v: Value, name: string, missing: number, type: RankedType | null): Value {
  const { graph } = v;
  const pads = [0, 0, 0, 0, 0, missing, 0, 0];
  return (graph.opsets.get("") ?? 0) < 11
    ? call(graph, "Pad", name, [v], type, { pads: ints(pads) }, "")
    : call(graph, "Pad", name, [v, graph.constant(`${name}.pads`, int64s(pads))], type, {}, "");
}

/** `v` as everyone else reads it; null where it is that already. */
export function plain(v: Value, { maps, both }: Layout): Value | null {
  const map = maps.get(v);
  if (!map || both.has(v)) return null;
  const [, channels = 0, h, w] = shapeOf(v) ?? [];
  if (h === 1 && w === 1 && channels === whole(channels)) return map; // a block of one pixel lies as its channels do
  return call(v.graph, "ReorderOutput", v.name, [map], typeOf(v), { channels: int(channels), channels_last: int(0) });
}
