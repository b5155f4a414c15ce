import type { Integer } from "../graph/attribute.js";
import type { Payload } from "./proto.js";
import type { Rope } from "./rope.js";

/** A payload, and how many of the bytes at hand stand before it. */
interface Placed {
  readonly payload: Payload;
  at: number;
}

/** Where a content whose length is not known yet starts. */
export interface Start {
  readonly at: number;
  readonly placed: number;
  readonly payloadBytes: number;
}

const utf8 = /* @__PURE__ */ new TextEncoder();

/**
 * Spells protobuf's wire format (https://protobuf.dev/programming-guides/encoding): everything but payloads into one piece of memory, so that a
 * message of many short fields makes no garbage.
 */
export class Writer {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #placed: Placed[] = [];
  #payloadBytes = 0;

  tag(id: number, wire: number): void {
    this.#varint(id * 8 + wire);
  }
  /** A varint of 64 bits, two's complement. */
  integer(value: Integer): void {
    if (typeof value === "number" && value >= 0 && Number.isSafeInteger(value)) this.#varint(value);
    else this.#wideVarint(BigInt.asUintN(64, BigInt(value)));
  }
  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }
  /** UTF-8. */
  text(value: string): void {
    this.#reserve(3 * value.length);
    this.#length += utf8.encodeInto(value, this.#bytes.subarray(this.#length)).written;
  }
  /** Bytes that are copied when they are wanted. */
  payload(payload: Payload): void {
    this.#placed.push({ payload, at: this.#length });
    this.#payloadBytes += payload.byteLength;
  }
  /** A length, and what is written until `end`. The length is known only then: what was written moves up to make room for it. */
  begin(): Start {
    return { at: this.#length, placed: this.#placed.length, payloadBytes: this.#payloadBytes };
  }
  end({ at, placed, payloadBytes }: Start): void {
    const end = this.#length;
    const length = end - at + this.#payloadBytes - payloadBytes;
    const room = varintBytes(length);
    this.#reserve(room);
    this.#bytes.copyWithin(at + room, at, end);
    for (const inside of this.#placed.slice(placed)) inside.at += room;
    this.#length = at;
    this.#varint(length);
    this.#length = end + room;
  }
  finish(): Rope {
    const parts: Payload[] = [];
    let from = 0;
    for (const { payload, at } of this.#placed) {
      if (at > from) parts.push(this.#bytes.subarray(from, at));
      parts.push(payload);
      from = at;
    }
    if (this.#length > from) parts.push(this.#bytes.subarray(from, this.#length));
    return { byteLength: this.#length + this.#payloadBytes, parts };
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#byte((rest & 127) | 128);
    this.#byte(rest);
  }
  #wideVarint(value: bigint): void {
    let rest = value;
    for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
    this.#byte(Number(rest));
  }
  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }
  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) count++;
  return count;
}
