import type { Kept } from "../graph/model.js";

/**
 * What a file says of an attribute or a tensor beside what the graph has words for (doc strings, metadata, fields of later versions). It is
 * remembered by the object, so that it goes where the object goes, and no pass needs to know of it.
 */
const fields = /* @__PURE__ */ new WeakMap<object, Kept>();

export function keep<T extends object>(thing: T, unknown: Kept | undefined): T {
  if (unknown?.length) fields.set(thing, unknown);
  return thing;
}
export const keptOf = (thing: object): Kept => fields.get(thing) ?? [];
