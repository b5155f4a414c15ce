import type { Integer } from "../graph/attribute.js";
import { type Ranged, SMALL_BYTES } from "../graph/tensor.js";
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
  for (const key of inOrder(Object.keys(message), fields)) {
    const field = fields[key];
    const value = values[key];
    if (!field || value === undefined) continue;
    if (!field.repeated) writeField(writer, field, value);
    else for (const item of value as readonly unknown[]) writeField(writer, field, item); // as the decoder and the encoder make it
  }
  for (const part of (values.unknown as readonly Payload[] | undefined) ?? []) writer.payload(part); // every message has this field
}

/** Most messages have their fields in order. */
function inOrder(keys: string[], fields: Schema["fields"]): readonly string[] {
  let last = 0;
  for (const key of keys) {
    const id = fields[key]?.id ?? last;
    if (id < last) return keys.sort((a, b) => (fields[a]?.id ?? 0) - (fields[b]?.id ?? 0));
    last = id;
  }
  return keys;
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
    const start = writer.begin();
    if (kind === "text") writer.text(value as string);
    else if (typeof kind === "function") writeMessage(writer, kind(), value as object);
    else writer.payload(value as Payload);
    writer.end(start);
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

/**
 * The bytes of a rope in order, short parts together, payloads over SMALL_BYTES `chunk` bytes at a time. With `reuse`, these share three buffers:
 * such a chunk holds until the third after it is asked for.
 */
export async function* bytesOf(rope: Rope, chunk: number, reuse = false): AsyncGenerator<Uint8Array> {
  const buffers = reuse ? threeBuffers(chunk) : null;
  let short: Uint8Array[] = [];
  let length = 0;
  const gathered = (): Uint8Array => {
    const out = join(short);
    short = [];
    length = 0;
    return out;
  };
  for (const part of rope.parts) {
    if (length && length + part.byteLength > chunk) yield gathered();
    if (part.byteLength > SMALL_BYTES && !(part instanceof Uint8Array)) {
      if (length) yield gathered();
      yield* chunksOf(part, chunk, buffers);
      continue;
    }
    short.push(part instanceof Uint8Array ? part : await part.read(0, part.byteLength));
    length += part.byteLength;
  }
  if (length) yield gathered();
}

/** Three buffers that take turns: one is filled while the two before it are on their way to the disk. */
export interface Buffers {
  next(): Uint8Array;
}
export function threeBuffers(size: number): Buffers {
  let [next, middle, last] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)] as const;
  return {
    next() {
      [next, middle, last] = [middle, last, next];
      return last;
    },
  };
}

/** All bytes of `payload`, `chunk` at a time, in `buffers` where given. */
export async function* chunksOf(payload: Ranged, chunk: number, buffers: Buffers | null): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < payload.byteLength; at += chunk)
    yield await payload.read(at, Math.min(payload.byteLength, at + chunk), buffers?.next());
}
