// Damage to JSON that stays JSON.

/** @typedef {(n: number) => number} Pick */

const VALUES = [
  ...["-1", "0", "0.5", "1e9", "1e400", "-0", "4294967296", "9007199254740993", "99999999999999999999", "null", "true"],
  ...[
    '""',
    '"F32"',
    '"F4"',
    '"../x"',
    '"/x"',
    '"."',
    '"\\u0000"',
    '"\\u202e"',
    "[]",
    "{}",
    "[0]",
    "[0,0]",
    '{"__proto__":[]}',
  ],
  ...[`${"[".repeat(20_000)}${"]".repeat(20_000)}`, `[${"1,".repeat(100)}1]`],
];
const KEYS = ["__proto__", "constructor", "__metadata__", "weight_map", "shape", "data_offsets", "dtype", "a", ""];
/** A scalar or the key of a member, with what is around it. */
const PLACES = /"(?:[^"\\]|\\.)*"\s*:?|-?\d[\d.eE+-]*|\[[^[\]{}]*\]|\{[^{}]*\}|null|true|false/g;

/**
 * One value or key changed, or a part taken out or doubled.
 * @param {string} text
 * @param {Pick} pick
 */
export function mutateJson(text, pick) {
  const places = [...text.matchAll(PLACES)];
  const place = places[pick(places.length || 1)];
  if (!place) return text;
  const [found] = place;
  const end = place.index + found.length;
  const put = (/** @type {string} */ by) => text.slice(0, place.index) + by + text.slice(end);
  if (found.endsWith(":")) return put(`${JSON.stringify(KEYS[pick(KEYS.length)])}:`);
  if (!pick(5)) return put(`${found},${found}`);
  if (!pick(4)) return put((places[pick(places.length)]?.[0] ?? "0").replace(/:$/, ""));
  return put(VALUES[pick(VALUES.length)] ?? "0");
}

/**
 * The header of a safetensors file, whose length is put right.
 * @param {Uint8Array} bytes
 * @param {Pick} pick
 */
export function mutateHeader(bytes, pick) {
  const file = Buffer.from(bytes);
  const length = file.length < 8 ? 0 : Number(file.readBigUInt64LE());
  if (!length || 8 + length > file.length) return bytes;
  const header = Buffer.from(mutateJson(file.toString("latin1", 8, 8 + length), pick), "latin1");
  file.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([file.subarray(0, 8), header, file.subarray(8 + length)]);
}
