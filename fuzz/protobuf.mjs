// Damage to protobuf messages that keeps the lengths right, so that it reaches what is behind the parser.

/**
 * @typedef {{ tag: number, wire: number, value: number | bigint | Uint8Array | Field[] }} Field
 * @typedef {(n: number) => number} Pick
 */

/**
 * The fields of a message, messages inside opened where they read as such; null where `bytes` are no message.
 * @param {Uint8Array} bytes
 * @returns {Field[] | null}
 */
function parse(bytes, depth = 0) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return null;
  };
  while (at < bytes.length) {
    const head = varint();
    if (head === null || head >= 1n << 18n || head < 8n) return null;
    const [tag, wire] = [Number(head >> 3n), Number(head & 7n)];
    const fixed = wire === 1 ? 8 : wire === 5 ? 4 : 0;
    const value = fixed ? BigInt(fixed) : varint();
    if (value === null || ![0, 1, 2, 5].includes(wire) || (wire !== 0 && value > BigInt(bytes.length - at)))
      return null;
    if (wire === 0) fields.push({ tag, wire, value });
    else {
      const content = bytes.subarray(at, at + Number(value));
      at += content.length;
      const inner = wire === 2 && content.length > 1 && depth < 40 ? parse(content, depth + 1) : null;
      fields.push({ tag, wire, value: inner ?? content });
    }
  }
  return fields;
}

/**
 * @param {readonly Field[]} fields
 * @returns {number[]}
 */
function spell(fields) {
  /** @type {number[]} */
  const out = [];
  const varint = (/** @type {bigint} */ value) => {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
    out.push(Number(rest));
  };
  for (const { tag, wire, value } of fields) {
    varint(BigInt(tag * 8 + wire));
    if (typeof value === "bigint" || typeof value === "number") varint(BigInt(value));
    else {
      const content = value instanceof Uint8Array ? value : spell(value);
      if (wire === 2) varint(BigInt(content.length));
      for (const byte of content) out.push(byte);
    }
  }
  return out;
}

/**
 * @param {readonly Field[]} fields
 * @returns {Field[][]}  every list of fields: the message's own and those of the messages inside
 */
const lists = (fields) => [fields, ...fields.flatMap((f) => (Array.isArray(f.value) ? lists(f.value) : []))];

const WHOLE = [0n, 1n, -1n, 7n, 8n, 99n, 1n << 31n, 1n << 40n, 1n << 53n, (1n << 63n) - 1n, -(1n << 63n)];

/**
 * One field changed, taken out, doubled, moved into another message, or taken from another file.
 * @param {Uint8Array} bytes
 * @param {Pick} pick
 * @param {Uint8Array} other
 */
export function mutateMessage(bytes, pick, other) {
  const fields = parse(bytes);
  if (!fields?.length) return bytes;
  const all = lists(fields).filter((list) => list.length);
  /** @type {<T>(list: readonly T[]) => T | undefined} */
  const one = (list) => list[pick(list.length)];
  const list = one(all) ?? fields;
  const at = pick(list.length);
  const field = list[at];
  if (!field) return bytes;
  const place = one(all) ?? fields;
  switch (pick(7)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(pick(list.length + 1), 0, structuredClone(field));
      break;
    case 2: // somewhere else, but not into itself
      place.splice(pick(place.length + 1), 0, structuredClone(field));
      break;
    case 3:
      list.splice(at, 1, ...(one(lists(parse(other) ?? [])) ?? []).slice(0, 3));
      break;
    case 4:
      field.tag = 1 + pick(26);
      break;
    case 5:
      list.reverse();
      break;
    default:
      if (field.wire === 0) field.value = one(WHOLE) ?? 0n;
      else if (field.value instanceof Uint8Array)
        field.value = changed(field.value, field.wire, pick, one(strings(other)));
  }
  return Uint8Array.from(spell(fields));
}

/**
 * Other bytes for a field: other letters, or a text of another file, so that names are mixed up; as many where their number is fixed.
 * @param {Uint8Array} bytes
 * @param {number} wire
 * @param {Pick} pick
 * @param {Uint8Array | undefined} text
 */
function changed(bytes, wire, pick, text) {
  if (wire === 2 && text && pick(2)) return text;
  const out = bytes.slice(0, wire === 2 ? pick(bytes.length + 1) : bytes.length);
  if (out.length) out[pick(out.length)] = pick(256);
  return out;
}
/** @param {Uint8Array} bytes */
const strings = (bytes) =>
  lists(parse(bytes) ?? []).flatMap((list) =>
    list.flatMap(({ wire, value }) => (wire === 2 && value instanceof Uint8Array && value.length < 20 ? [value] : [])),
  );
