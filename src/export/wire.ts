import type { Integer } from "../graph/attribute.js";
import { UserError } from "../graph/error.js";
import { type Reader, readerOf } from "./reader.js";
import type { Field, FieldKind, Schema } from "./schema.js";
import { fromUtf8 } from "./utf8.js";
import { readInteger } from "./varint.js";

/** A message by field name; fields that the schema does not know are bytes under `unknown`. */
export type Fields = Record<string, unknown>;

/** A file that is no protobuf message of the kind it should be; `offset` is the byte at fault. */
export class WireError extends UserError {
  override readonly name = "WireError";
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (at byte ${offset})`);
  }
}

/** Messages may be nested this deep, as protobuf's own readers allow. */
const MAX_DEPTH = 100;

/** How a field's value stands on the wire: 0 a varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes. */
const wireOf = (kind: FieldKind): number =>
  kind === "int" || kind === "varints" ? 0 : kind === "doubles" ? 1 : kind === "float" || kind === "floats" ? 5 : 2;

/** Reads a message from memory. */
export const decodeMessage = (schema: Schema, bytes: Uint8Array): Fields =>
  readFields(schema, { bytes, offset: 0, depth: 0 }, {});

/** A message at hand: `offset` is where it starts in its file, `depth` how many messages are around it. */
interface Held {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly depth: number;
}

export function readFields(schema: Schema, { bytes, offset, depth }: Held, into: Fields): Fields {
  requireShallow(schema, depth, offset);
  const reader = readerOf(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    try {
      const tag = reader.tag();
      if (tag >>> 3 === 0) throw new WireError(`${schema.name} has a field numbered 0`, offset + start);
      const known = schema.byId.get(tag >>> 3);
      if (known && readField(known, tag & 7, { reader, offset, depth }, into)) continue;
      skip(schema, reader, tag & 7, offset + start);
      append(into, "unknown", bytes.slice(start, reader.pos));
    } catch (e) {
      throw malformed(schema, e, offset + start);
    }
  }
  return into;
}

interface Cursor {
  readonly reader: Reader;
  readonly offset: number;
  readonly depth: number;
}

/** Reads one field; false where it stands on the wire as the schema's kind cannot. */
function readField(
  { key, kind, repeated }: Field,
  wire: number,
  { reader, offset, depth }: Cursor,
  into: Fields,
): boolean {
  const packed = wire === 2 && wireOf(kind) !== 2;
  if (packed ? !repeated : wire !== wireOf(kind)) return false;
  const keep = (value: unknown): void => {
    if (repeated) append(into, key, value);
    else into[key] = value;
  };
  const start = reader.pos;
  if (kind === "int" || kind === "float") {
    const list = packed ? readerOf(reader.bytes()) : null;
    if (!list) keep(scalar(kind, reader));
    else while (list.pos < list.len) keep(scalar(kind, list));
  } else if (wireOf(kind) !== 2) {
    if (!packed) reader.skipType(wire);
    keep(packed ? reader.bytes().slice() : reader.buf.slice(start, reader.pos));
  } else {
    const bytes = reader.bytes();
    const place = offset + reader.pos - bytes.length;
    if (kind === "text") keep(textOf(bytes, key, place));
    else if (typeof kind === "function")
      keep(readFields(kind(), { bytes, offset: place, depth: depth + 1 }, existing(into, { key, repeated })));
    else keep(bytes.slice());
  }
  return true;
}

const scalar = (kind: "int" | "float", reader: Reader): Integer =>
  kind === "int" ? readInteger(reader) : reader.float();

/** A singular message that comes twice is merged, as protobuf has it. */
export const existing = (into: Fields, { key, repeated }: Pick<Field, "key" | "repeated">): Fields =>
  repeated ? {} : ((into[key] as Fields | undefined) ?? {}); // a message field holds a message

export function append(into: Fields, key: string, value: unknown): void {
  const list = into[key] as unknown[] | undefined; // a repeated field holds a list
  if (list) list.push(value);
  else into[key] = [value];
}

function textOf(bytes: Uint8Array, key: string, offset: number): string {
  const text = fromUtf8(bytes);
  if (text === null) throw new WireError(`the text of '${key}' is not UTF-8`, offset);
  return text;
}

export function skip(schema: Schema, reader: Reader, wire: number, offset: number): void {
  if (wire === 3 || wire === 4)
    throw new WireError(`${schema.name} holds a protobuf group, which ONNX has none of`, offset);
  reader.skipType(wire);
}
export function requireShallow(schema: Schema, depth: number, offset: number): void {
  if (depth > MAX_DEPTH) throw new WireError(`${schema.name} is nested more than ${MAX_DEPTH} messages deep`, offset);
}
/** What the bytes at `offset` are, where reading them threw: protobufjs throws where bytes end early or make no sense. */
export const malformed = (schema: Schema, e: unknown, offset: number): WireError =>
  e instanceof WireError ? e : new WireError(`${schema.name} is cut short or not an ONNX message`, offset);
