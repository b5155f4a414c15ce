import { type Ranged, range, SMALL_BYTES } from "../graph/tensor.js";
import { readerOf } from "./reader.js";
import type { Schema } from "./schema.js";
import { readInteger } from "./varint.js";
import { append, existing, type Fields, malformed, readFields, requireShallow, skip, WireError } from "./wire.js";

/** A message that is still in its file, at bytes [start, end) of `source`; payloads over `longest` bytes are left there. */
interface Span {
  readonly source: Ranged;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly longest: number;
}

/** Reads a message without its long payloads: short messages whole, long ones field by field, and a long payload becomes a range of the file. */
export const readMessage = (schema: Schema, source: Ranged, longest = SMALL_BYTES): Promise<Fields> =>
  readSpan(schema, { source, start: 0, end: source.byteLength, depth: 0, longest }, {});

async function readSpan(schema: Schema, span: Span, into: Fields): Promise<Fields> {
  const { source, start, end, depth, longest } = span;
  requireShallow(schema, depth, start);
  if (end - start <= longest)
    return readFields(schema, { bytes: await source.read(start, end), offset: start, depth }, into);
  for (let at = start; at < end; ) {
    const head = await readHead(schema, source, at, end);
    const field = schema.byId.get(head.field);
    const { key, kind } = field ?? { key: "unknown", kind: null };
    const stays = head.wire === 2 && head.end - head.body > longest;
    if (stays && !field) append(into, key, range(source, at, head.end));
    else if (stays && kind === "payload") into[key] = range(source, head.body, head.end);
    else if (stays && (kind === "varints" || kind === "floats" || kind === "doubles"))
      append(into, key, range(source, head.body, head.end));
    else if (stays && field && typeof kind === "function") {
      const message = await readSpan(
        kind(),
        { ...span, start: head.body, end: head.end, depth: depth + 1 },
        existing(into, field),
      );
      if (field.repeated) append(into, key, message);
      else into[key] = message;
    } else readFields(schema, { bytes: await source.read(at, head.end), offset: at, depth }, into);
    at = head.end;
  }
  return into;
}

/** Tag and length of one field: its content is bytes [body, end) of the file. */
interface Head {
  readonly field: number;
  readonly wire: number;
  readonly body: number;
  readonly end: number;
}
/** A tag takes at most 5 bytes, a varint 10. */
const HEAD_BYTES = 15;

async function readHead(schema: Schema, source: Ranged, at: number, limit: number): Promise<Head> {
  const bytes = await source.read(at, Math.min(limit, at + HEAD_BYTES));
  try {
    const reader = readerOf(bytes);
    const tag = reader.tag();
    const [field, wire] = [tag >>> 3, tag & 7];
    if (field === 0) throw new WireError(`${schema.name} has a field numbered 0`, at);
    const length = wire === 2 ? Number(readInteger(reader)) : 0;
    const body = at + reader.pos;
    if (length < 0 || length > limit - body)
      throw new WireError(
        `${schema.name}: a field of ${length} bytes does not fit into the ${limit - body} that are left`,
        at,
      );
    if (wire !== 2) skip(schema, reader, wire, at);
    return { field, wire, body, end: at + reader.pos + length };
  } catch (e) {
    throw malformed(schema, e, at);
  }
}
