import protobuf from "protobufjs/minimal.js";
import type { Integer } from "../graph/attribute.js";
import { UserError } from "../graph/error.js";
import { type Ranged, SMALL_BYTES } from "../graph/tensor.js";
import type { Payload } from "./proto.js";
import type { Field, Schema } from "./schema.js";

/** A message by field name; fields that the schema does not know are bytes under `unknown`. */
type Fields = Record<string, unknown>;

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

/** Reads a message from memory. `offset` is where `bytes` starts in its file. */
export function decodeMessage(schema: Schema, bytes: Uint8Array, offset = 0, depth = 0, into: Fields = {}): Fields {
  if (depth > MAX_DEPTH) throw new WireError(`${schema.name} is nested more than ${MAX_DEPTH} messages deep`, offset);
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    try {
      const tag = reader.uint32();
      const entry = schema.byId.get(tag >>> 3);
      if (tag >>> 3 === 0) throw new WireError(`${schema.name} has a field numbered 0`, offset + start);
      if (!entry || !readField(entry, tag & 7, reader, bytes, offset, depth, into)) {
        reader.skipType(tag & 7);
        append(into, "unknown", bytes.slice(start, reader.pos));
      }
    } catch (e) {
      if (e instanceof WireError) throw e;
      throw new WireError(`${schema.name} is cut short or not an ONNX message`, offset + start);
    }
  }
  return into;
}

/** Reads one field; false where its wire type is not one that the schema's kind can have. */
function readField([key, field]: readonly [string, Field], wire: number, reader: protobuf.Reader, bytes: Uint8Array, offset: number, depth: number, into: Fields): boolean {
  const { kind, repeated } = field;
  const keep = (value: unknown): void => {
    if (repeated) append(into, key, value);
    else into[key] = value;
  };
  if (kind === "int" || kind === "float") {
    const one = kind === "int" ? () => integer(reader) : () => reader.float();
    const own = kind === "int" ? 0 : 5;
    if (wire === own) keep(one());
    else if (wire === 2 && repeated) for (const end = reader.uint32() + reader.pos; reader.pos < end; ) keep(one());
    else return false;
    return true;
  }
  if (kind === "blocks") {
    const start = reader.pos;
    if (wire !== 2) reader.skipType(wire);
    append(into, key, wire === 2 ? reader.bytes().slice() : bytes.slice(start, reader.pos));
    return true;
  }
  if (wire !== 2) return false;
  const at = reader.pos;
  const content = reader.bytes();
  if (kind === "bytes" || kind === "payload") keep(content.slice());
  else if (kind === "text") keep(utf8(content, key, offset + at));
  else keep(decodeMessage(kind(), content, offset + reader.pos - content.length, depth + 1, existing(into, key, repeated)));
  return true;
}

/** A singular message that comes twice is merged, as protobuf has it. */
const existing = (into: Fields, key: string, repeated: boolean): Fields => (repeated ? {} : ((into[key] as Fields | undefined) ?? {})); // a message field holds a message

function append(into: Fields, key: string, value: unknown): void {
  const list = into[key] as unknown[] | undefined; // a repeated field holds a list
  if (list) list.push(value);
  else into[key] = [value];
}

function utf8(bytes: Uint8Array, key: string, offset: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new WireError(`the text of '${key}' is not UTF-8`, offset);
  }
}

/** A 64-bit varint, whole. */
function integer(reader: protobuf.Reader): Integer {
  const v: number | { readonly low: number; readonly high: number } = reader.int64(); // a Long where that package is loaded
  if (typeof v === "number") return v;
  const whole = (BigInt(v.high) << 32n) | BigInt(v.low >>> 0);
  return whole >= BigInt(Number.MIN_SAFE_INTEGER) && whole <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(whole) : whole;
}

/**
 * Reads a message from a range of a file, without its long payloads: short messages whole, long ones field by field, and a payload
 * over 64 KiB becomes a range of the file.
 */
export async function readMessage(schema: Schema, source: Ranged, start = 0, end = source.byteLength, depth = 0, into: Fields = {}): Promise<Fields> {
  if (depth > MAX_DEPTH) throw new WireError(`${schema.name} is nested more than ${MAX_DEPTH} messages deep`, start);
  if (end - start <= SMALL_BYTES) return decodeMessage(schema, await source.read(start, end), start, depth, into);
  for (let at = start; at < end; ) {
    const head = await readHead(schema, source, at, end);
    const [key, field] = schema.byId.get(head.field) ?? ["unknown", null];
    if (head.length <= SMALL_BYTES || head.wire !== 2) decodeMessage(schema, await source.read(at, head.end), at, depth, into);
    else if (typeof field?.kind === "function") {
      const message = await readMessage(field.kind(), source, head.body, head.end, depth + 1, existing(into, key, field.repeated));
      if (field.repeated) append(into, key, message);
      else into[key] = message;
    } else if (field?.kind === "payload") into[key] = range(source, head.body, head.end);
    else if (field?.kind === "blocks") append(into, key, range(source, head.body, head.end));
    else if (!field) append(into, key, range(source, at, head.end));
    else decodeMessage(schema, await source.read(at, head.end), at, depth, into);
    at = head.end;
  }
  return into;
}

interface Head {
  readonly field: number;
  readonly wire: number;
  readonly length: number;
  readonly body: number;
  readonly end: number;
}
async function readHead(schema: Schema, source: Ranged, at: number, end: number): Promise<Head> {
  const bytes = await source.read(at, Math.min(end, at + 20));
  try {
    const reader = protobuf.Reader.create(bytes);
    const tag = reader.uint32();
    const wire = tag & 7;
    const length = wire === 2 ? Number(integer(reader)) : 0;
    const body = at + reader.pos;
    if (wire !== 2) reader.skipType(wire);
    if (length < 0 || body + length > end)
      throw new WireError(`${schema.name}: a field of ${length} bytes does not fit into the ${end - body} that are left`, at);
    return { field: tag >>> 3, wire, length, body, end: wire === 2 ? body + length : at + reader.pos };
  } catch (e) {
    if (e instanceof WireError) throw e;
    throw new WireError(`${schema.name} is cut short or not an ONNX message`, at);
  }
}

/** Bytes [start, end) of `source`. */
export const range = (source: Ranged, start: number, end: number): Ranged => ({
  byteLength: end - start,
  read: (from, to, into) => source.read(start + from, start + to, into),
});

/** A message ready to write: its length is known, its long payloads are not read yet. */
export interface Rope {
  readonly byteLength: number;
  readonly parts: readonly Payload[];
}

/** Spells a message, fields in the schema's order. */
export function encodeMessage(schema: Schema, message: object): Rope {
  const values = message as Fields; // read field by field below
  const parts: Payload[] = [];
  let writer = protobuf.Writer.create();
  const flush = (): void => {
    if (writer.len) parts.push(writer.finish());
    writer = protobuf.Writer.create();
  };
  for (const [key, field] of Object.entries(schema.fields)) {
    const value = values[key];
    if (value === undefined) continue;
    const list = field.repeated ? (value as readonly unknown[]) : [value]; // as the decoder and the encoder make it
    for (const item of list) {
      const { byteLength, parts: content } = writeField(field, item, writer);
      if (!byteLength) continue;
      flush();
      for (const part of content) parts.push(part);
    }
  }
  flush();
  for (const part of (values["unknown"] as readonly Payload[] | undefined) ?? []) parts.push(part);
  return { byteLength: parts.reduce((n, p) => n + p.byteLength, 0), parts };
}

const NOTHING: Rope = { byteLength: 0, parts: [] };

/** Writes a scalar, or the tag and length of what then follows. */
function writeField({ id, kind }: Field, value: unknown, writer: protobuf.Writer): Rope {
  const tag = (wire: number): protobuf.Writer => writer.uint32((id << 3) | wire);
  if (kind === "int") writeInteger(tag(0), value as Integer);
  else if (kind === "float") tag(5).float(value as number);
  else if (kind === "text") tag(2).string(value as string);
  else if (kind === "bytes") tag(2).bytes(value as Uint8Array);
  else {
    const payload = value as Payload; // for a message, its rope below
    const rope = typeof kind === "function" ? encodeMessage(kind(), value as object) : { byteLength: payload.byteLength, parts: [payload] };
    tag(2).uint64(rope.byteLength);
    return rope;
  }
  return NOTHING;
}

function writeInteger(writer: protobuf.Writer, value: Integer): void {
  if (typeof value === "number") writer.int64(value);
  // protobufjs takes the two halves of a 64-bit integer, which its types know as the class Long only
  else writer.int64({ low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false } as never);
}

/**
 * The bytes of a rope in order, short parts together, long payloads `chunk` bytes at a time. With `reuse`, long payloads share two buffers: such a
 * chunk holds until the one after the next is asked for.
 */
export async function* bytesOf(rope: Rope, chunk: number, reuse = false): AsyncGenerator<Uint8Array> {
  const buffers = reuse ? twoBuffers(chunk) : null;
  let short: Uint8Array[] = [];
  let length = 0;
  const join = (): Uint8Array => {
    const out = new Uint8Array(length);
    let at = 0;
    for (const part of short) {
      out.set(part, at);
      at += part.length;
    }
    short = [];
    length = 0;
    return out;
  };
  for (const part of rope.parts) {
    if (part instanceof Uint8Array) {
      short.push(part);
      length += part.length;
      if (length >= chunk) yield join();
      continue;
    }
    if (length) yield join();
    yield* chunksOf(part, chunk, buffers);
  }
  if (length) yield join();
}

/** Two buffers that take turns. */
export interface Buffers {
  next(): Uint8Array;
}
export function twoBuffers(size: number): Buffers {
  const both = [new Uint8Array(size), new Uint8Array(size)] as const;
  let turn: 0 | 1 = 0;
  return {
    next() {
      turn = turn === 0 ? 1 : 0;
      return both[turn];
    },
  };
}

/** All bytes of `payload`, `chunk` at a time, in `buffers` where given. */
export async function* chunksOf(payload: Ranged, chunk: number, buffers: Buffers | null): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < payload.byteLength; at += chunk) yield await payload.read(at, Math.min(payload.byteLength, at + chunk), buffers?.next());
}
