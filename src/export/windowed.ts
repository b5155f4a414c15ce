import type { Ranged } from "../graph/tensor.js";

/** Reads of `source` through a window, so that many short ones in a row cost one. */
export function windowed(source: Ranged, size = 16 * 1024): Ranged {
  let from = 0;
  let held: Uint8Array = new Uint8Array();
  return {
    byteLength: source.byteLength,
    async read(start, end, into) {
      if (end - start > size) return source.read(start, end, into);
      if (start < from || end > from + held.length) {
        held = await source.read(start, Math.min(source.byteLength, start + size));
        from = start;
      }
      return held.slice(start - from, end - from);
    },
  };
}
