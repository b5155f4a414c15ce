import { removeConstant, replace } from "../edit.js";
import type { Value } from "../graph.js";
import type { Pass, Skip } from "../pass.js";
import type { Tensor } from "../tensor.js";
import { show } from "../type.js";

/**
 * Keeps one of several constants of one type and the same bytes. Those that are at hand are compared, up to 64 KiB: exporters write the shape of a
 * Reshape or the limits of a Clip anew for each. Longer ones are one where they are read from one place.
 */
export const shareConstants: Pass = {
  name: "share-constants",
  run(graph) {
    const kept = new Map<string, Value[]>();
    const skipped: Skip[] = [];
    let applied = 0;
    for (const value of graph.constants) {
      const { constant } = value;
      if (!constant || !value.uses.length) continue;
      const key = `${show(constant)} ${constant.data ? digest(constant.data) : ""}`;
      const alike = kept.get(key) ?? [];
      const twin = alike.find((v) => v.constant && same(v.constant, constant));
      const reason = twin ? whyNot(twin, value) : null;
      if (reason) skipped.push({ node: value.name, reason });
      if (!twin || reason) kept.set(key, [...alike, value]);
      else {
        replace(value, twin);
        removeConstant(value);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

const same = (a: Tensor, b: Tensor): boolean =>
  a === b ||
  (a.data !== null &&
    b.data !== null &&
    a.data.length === b.data.length &&
    a.data.every((byte, i) => byte === b.data?.[i]));

function whyNot(twin: Value, { name, uses, kept }: Value): string | null {
  if (uses.some((u) => !u.node)) return `'${name}' is an output, which has a name of its own`;
  return kept.length ? `the file says more of '${name}' than its numbers, which are those of '${twin.name}'` : null;
}

/** FNV-1a over the bytes, to tell most apart at once. */
function digest(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
