import type { Integer } from "../graph/attribute.js";
import type { Reader } from "./reader.js";

/** A varint as a signed 64-bit integer, whole: protobufjs gives that only where the package `long` is found. */
export function readInteger(reader: Reader): Integer {
  let low = 0;
  for (let i = 0, unit = 1; i < 7; i++, unit *= 128) {
    const byte = next(reader);
    low += (byte & 127) * unit;
    if (byte < 128) return low;
  }
  let whole = BigInt(low);
  for (let shift = 49n; shift < 70n; shift += 7n) {
    const byte = next(reader);
    whole |= BigInt(byte & 127) << shift;
    if (byte < 128) return narrow(BigInt.asIntN(64, whole));
  }
  throw new RangeError("a varint of more than ten bytes");
}
function next(reader: Reader): number {
  const byte = reader.buf[reader.pos++];
  if (byte === undefined) throw new RangeError("the bytes end inside a varint");
  return byte;
}
const narrow = (v: bigint): Integer =>
  v >= BigInt(Number.MIN_SAFE_INTEGER) && v <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(v) : v;

/** Writes the low `size` bytes of each varint, little-endian, as far as there is room; gives how many varints there are; null where one is cut short or too long. */
export function unpackVarints(varints: Uint8Array, out: Uint8Array, size: number): number | null {
  let count = 0;
  let [low, high, shift] = [0, 0, 0];
  for (const byte of varints) {
    if (shift > 63) return null;
    const bits = byte & 127;
    if (shift < 32) low |= bits << shift;
    if (shift >= 32) high |= bits << (shift - 32);
    else if (shift > 25) high |= bits >> (32 - shift);
    shift += 7;
    if (byte >= 128) continue;
    for (let b = 0, at = count * size; b < size && at + b < out.length; b++)
      out[at + b] = (b < 4 ? low : high) >> (8 * (b & 3));
    count++;
    low = high = shift = 0;
  }
  return shift ? null : count;
}
