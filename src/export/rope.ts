import protobuf from "protobufjs/minimal.js";
import type { Integer } from "../graph/attribute.js";
import type { Ranged } from "../graph/tensor.js";
import type { Payload } from "./proto.js";
import type { Field, Schema } from "./schema.js";

/** A message ready to write: its length is known, its long payloads are not read yet. */
export interface Rope {
  readonly byteLength: number;
  readonly parts: readonly Payload[];
}

/** Spells a message, fields in the schema's order, then those that the schema does not know. */
export function encodeMessage(schema: Schema, message: object): Rope {
  const values = message as Readonly<Record<string, unknown>>; // read field by field below
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
  for (const part of (values.unknown as readonly Payload[] | undefined) ?? []) parts.push(part); // every message has this field
  return { byteLength: parts.reduce((n, p) => n + p.byteLength, 0), parts };
}

const NOTHING: Rope = { byteLength: 0, parts: [] };

/** Writes a scalar, or the tag and length of what then follows. The schema says what `value` is, hence the casts. */
function writeField({ id, kind }: Field, value: unknown, writer: protobuf.Writer): Rope {
  const tag = (wire: number): protobuf.Writer => writer.uint32((id << 3) | wire);
  if (kind === "int") writeInteger(tag(0), value as Integer);
  else if (kind === "float") tag(5).float(value as number);
  else if (kind === "text") tag(2).string(value as string);
  else if (kind === "bytes") tag(2).bytes(value as Uint8Array);
  else {
    const rope = typeof kind === "function" ? encodeMessage(kind(), value as object) : single(value as Payload);
    tag(2).uint64(rope.byteLength);
    return rope;
  }
  return NOTHING;
}
const single = (payload: Payload): Rope => ({ byteLength: payload.byteLength, parts: [payload] });

function writeInteger(writer: protobuf.Writer, value: Integer): void {
  if (typeof value === "number") writer.int64(value);
  // protobufjs takes the two halves of a 64-bit integer, which its types know as the class Long only
  else
    writer.int64({
      low: Number(BigInt.asIntN(32, value)),
      high: Number(BigInt.asIntN(32, value >> 32n)),
      unsigned: false,
    } as never);
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
 * The bytes of a rope in order, short parts together, long payloads `chunk` bytes at a time. With `reuse`, long payloads share three buffers: such a
 * chunk holds until the third after it is asked for.
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
    if (part instanceof Uint8Array) {
      short.push(part);
      length += part.length;
      if (length >= chunk) yield gathered();
      continue;
    }
    if (length) yield gathered();
    yield* chunksOf(part, chunk, buffers);
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
