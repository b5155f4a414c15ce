import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";

let remainders: Int32Array | null = null;
/** Of every byte by the polynomial that zip archives use (PKWARE's APPNOTE 6.3, 4.4.7), bits reversed; made when first needed. */
function table(): Int32Array {
  remainders ??= Int32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb8_8320 : rest >>> 1;
    return rest;
  });
  return remainders;
}

/** The CRC-32 of bytes that `bytes` follow, of which it was `crc`. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const of = table();
  let rest = ~crc;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number; // at < length
    rest = (of[(rest ^ byte) & 255] as number) ^ (rest >>> 8); // a byte is in the table
  }
  return ~rest >>> 0;
}

/**
 * `source`, whose bytes have this CRC-32. Where they were read in order and to their end, reads of the last throw when they have another one;
 * where parts are left out nothing is said.
 */
export function checked(source: Ranged, crc: number, name: string): Ranged {
  let [end, sum] = [0, 0]; // bytes [0, end) have been read, and this is their CRC-32
  return {
    byteLength: source.byteLength,
    async read(from, to, into) {
      const bytes = await source.read(from, to, into);
      if (from <= end && to > end) {
        sum = crc32(bytes.subarray(end - from), sum);
        end = to;
      }
      if (to === source.byteLength && end === to && sum !== crc)
        throw new UserError(
          `${name} has other bytes than it was packed with: its CRC-32 is ${hex(sum)}, not ${hex(crc)}`,
        );
      return bytes;
    },
  };
}
const hex = (value: number): string => value.toString(16).padStart(8, "0");
