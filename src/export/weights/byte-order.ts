import { bytesPerElement, type DType } from "../../graph/dtype.js";
import type { Ranged } from "../../graph/tensor.js";

/** Big-endian elements of this type as little-endian ones. Reads must begin and end between elements. */
export function littleEndian(source: Ranged, dtype: DType): Ranged {
  const size = bytesPerElement(dtype) / (dtype.startsWith("complex") ? 2 : 1); // of a number: a complex one is two
  return {
    byteLength: source.byteLength,
    async read(start, end, into) {
      const bytes = await source.read(start, end, into);
      for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
      return bytes;
    },
  };
}
