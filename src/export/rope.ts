import type { Integer } from "../graph/attribute.js";
import { SMALL_BYTES } from "../graph/tensor.js";
import type { Payload } from "./proto.js";
import type { Field, Schema } from "./schema.js";
import { Writer } from "./writer.js";

/** A message ready to write: its length is known, its long payloads are not read yet. */
export interface Rope {
  readonly byteLength: number;
  readonly parts: readonly Payload[];
}

/** Spells a message, fields in the order of their numbers, then those that the schema does not know. */
export function encodeMessage(schema: Schema, message: object): Rope {
  const writer = new Writer();
  writeMessage(writer, schema, message);
  return writer.finish();
}

function writeMessage(writer: Writer, { fields }: Schema, message: object): void {
  const values = message as Readonly<Record<string, unknown>>; // read field by field below
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as Field; // i < length, so there is one
    const value = values[field.key];
    if (value === undefined) continue;
    if (field.repeated)
      writeFields(writer, field, value as readonly unknown[]); // as the decoder and the encoder make it
    else writeField(writer, field, value);
  }
  const unknown = values.unknown as readonly Payload[] | undefined; // every message has this field
  if (unknown?.length) for (const part of unknown) writer.payload(part);
}

/** Counted, as above, since iterators are most of the garbage that spelling a large graph makes. */
function writeFields(writer: Writer, field: Field, items: readonly unknown[]): void {
  for (let i = 0; i < items.length; i++) writeField(writer, field, items[i]);
}

/** The schema says what `value` is, hence the casts. */
function writeField(writer: Writer, { id, kind }: Field, value: unknown): void {
  if (kind === "int") {
    writer.tag(id, 0);
    writer.integer(value as Integer);
  } else if (kind === "float") {
    writer.tag(id, 5);
    writer.float(value as number);
  } else {
    writer.tag(id, 2);
    if (kind === "text") writer.text(value as string);
    else if (typeof kind === "function") {
      writer.begin();
      writeMessage(writer, kind(), value as object);
      writer.end();
    } else {
      const payload = value as Payload;
      writer.integer(payload.byteLength);
      writer.payload(payload);
    }
  }
}

/** The bytes of a message that holds no payload left in a file; null where it does. */
export function spell(schema: Schema, message: object): Uint8Array | null {
  const { parts } = encodeMessage(schema, message);
  return parts.every((p) => p instanceof Uint8Array) ? join(parts) : null;
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Chunks whose reading has begun before they are asked for, so that a file is read while what came before is used. */
const AHEAD = 1;
/** Where chunks share memory, one holds until this many after it have been asked for: one to work on, the others on their way to the disk. */
export const HELD = 3;
/** Chunks for which shared memory has room. */
export const SHARED = AHEAD + HELD;

/**
 * The bytes of a rope in order, at most `chunk` at a time, read ahead. Where there is `memory`, of SHARED times `chunk` bytes, chunks share it: each
 * holds until the HELD-th after it is asked for.
 */
export async function* bytesOf(rope: Rope, chunk: number, memory: ArrayBuffer | null): AsyncGenerator<Uint8Array> {
  const begun: Promise<Uint8Array>[] = [];
  let count = 0;
  for (const pieces of chunksOf(rope, chunk)) {
    const filled = fill(pieces, memory ? new Uint8Array(memory, (count++ % SHARED) * chunk, chunk) : null);
    filled.catch(() => {}); // thrown where it is awaited
    begun.push(filled);
    const [first] = begun;
    if (first && begun.length > AHEAD) {
      yield await first;
      begun.shift();
    }
  }
  for (const filled of begun) yield await filled;
}

/** Bytes [from, to) of a payload. */
interface Piece {
  readonly payload: Payload;
  readonly from: number;
  readonly to: number;
}

/** Pieces that are read together: as many as come to `chunk` bytes, of which one is long, since that is where it can be read without a copy. */
function* chunksOf({ parts }: Rope, chunk: number): Generator<readonly Piece[]> {
  let pieces: Piece[] = [];
  let room = chunk - ALIGNMENT;
  let hasLong = false;
  for (const payload of parts) {
    const { byteLength } = payload;
    const long = byteLength > SMALL_BYTES;
    for (let from = 0; from < byteLength; ) {
      if (room < Math.min(byteLength - from, SMALL_BYTES) || (long && hasLong)) {
        yield pieces;
        [pieces, room, hasLong] = [[], chunk - ALIGNMENT, false];
      }
      const to = byteLength - from <= room ? byteLength : from + room - (room % ALIGNMENT);
      pieces.push({ payload, from, to });
      room -= to - from;
      hasLong ||= long;
      from = to;
    }
  }
  if (pieces.length) yield pieces;
}

/** Elements of tensors are asked for whole, and are read without a copy where they start at multiples of this: no type is longer. */
const ALIGNMENT = 16;

/** The bytes of `pieces` in one row, in `memory` where there is some. */
async function fill(pieces: readonly Piece[], memory: Uint8Array | null): Promise<Uint8Array> {
  const before = pieces.findIndex(({ payload }) => payload.byteLength > SMALL_BYTES);
  const ahead = bytesIn(pieces.slice(0, Math.max(0, before))) % ALIGNMENT;
  const start = ahead ? ALIGNMENT - ahead : 0;
  const length = bytesIn(pieces);
  const out = memory?.subarray(start, start + length) ?? new Uint8Array(new ArrayBuffer(start + length), start);
  let at = 0;
  for (const { payload, from, to } of pieces) {
    const place = out.subarray(at, at + to - from);
    const bytes = payload instanceof Uint8Array ? payload.subarray(from, to) : await payload.read(from, to, place);
    if (bytes.buffer !== place.buffer || bytes.byteOffset !== place.byteOffset) place.set(bytes);
    at += to - from;
  }
  return out;
}
const bytesIn = (pieces: readonly Piece[]): number => pieces.reduce((n, { from, to }) => n + to - from, 0);
