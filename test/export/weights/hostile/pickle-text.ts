import { zipOf } from "../archive.js";
import { join, latin1 } from "./attack.js";

/** What Python's pickle spells. */
export const text = (t: string): string => `X${uint32(t.length)}${t}`;
export const int = (n: number | bigint | string): string => `L${n}L\n`;
/** Little-endian integers of 4 bytes. */
export const uint32 = (...values: number[]): string =>
  String.fromCharCode(...new Uint8Array(Uint32Array.from(values).buffer));
export const tuple = (items: readonly string[]): string => `(${items.join("")}t`;

/** A storage, as a persistent id. */
export const storage = (key: string, count: string = int(4), type = "FloatStorage"): string =>
  `${tuple([text("storage"), `ctorch\n${type}\n`, key, text("cpu"), count])}Q`;
/** A view of a storage. */
export const view = (of: string, shape: readonly string[], strides: readonly string[], offset = int(0)): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n${tuple([of, offset, tuple(shape), tuple(strides), "\x89", "N"])}R`;
export const dict = (entries: Readonly<Record<string, string>>): string =>
  `}(${Object.entries(entries)
    .map(([key, value]) => text(key) + value)
    .join("")}u`;

/** The zip container with this pickle, and a storage "0" of as many bytes. */
export const zipped = (pickle: string, bytes = 16): Uint8Array =>
  zipOf([
    { name: "a/data.pkl", data: latin1(`\x80\x02${pickle}.`) },
    { name: "a/data/0", data: new Uint8Array(bytes) },
  ]);
/** A checkpoint whose only tensor is this value. */
export const one = (value: string, bytes?: number): Uint8Array => zipped(dict({ w: value }), bytes);
export const viewOf = (
  count: number,
  shape: readonly (number | string)[],
  strides: readonly number[],
  offset = 0,
): Uint8Array => one(view(storage(text("0"), int(count)), shape.map(int), strides.map(int), int(offset)), 4 * count);

/** The container of pickles in a row. */
export const legacy = (pickle: string, keys = "]", behind: Uint8Array = new Uint8Array()): Uint8Array =>
  join(
    latin1("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."),
    latin1(`\x80\x02${pickle}.\x80\x02${keys}.`),
    behind,
  );

/** Lists of lists, and pairs of one and the same pair: 2^60 texts for who shows them. */
export const DEEP = `${"]".repeat(100_000)}${"a".repeat(99_999)}`;
export const LAUGHS = `${text("lol")}${"2\x86".repeat(60)}`;
