import type { Integer } from "../graph/attribute.js";
import type { Payload } from "./proto.js";
import type { Rope } from "./rope.js";

/** A payload, and how many of the bytes at hand stand before it. */
interface Placed {
  readonly payload: Payload;
  at: number;
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
  /** Of every length that is not known yet: where it stands, and the payloads before it. */
  readonly #begun: number[] = [];

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
  /** Its length in UTF-8, and that. */
  text(value: string): void {
    const start = this.#length;
    this.#varint(value.length);
    this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) {
        this.#length = start;
        this.#wideText(utf8.encode(value));
        return;
      }
      this.#bytes[this.#length++] = unit;
    }
  }
  /** Bytes that are copied when they are wanted. */
  payload(payload: Payload): void {
    this.#placed.push({ payload, at: this.#length });
    this.#payloadBytes += payload.byteLength;
  }
  /** What is written from here on stands behind its length, which is known at the `end`: what was written moves up to make room for it. */
  begin(): void {
    this.#begun.push(this.#length, this.#placed.length, this.#payloadBytes);
  }
  end(): void {
    const payloadBytes = this.#begun.pop() ?? 0;
    const placed = this.#begun.pop() ?? 0;
    const at = this.#begun.pop() ?? 0;
    const end = this.#length;
    const length = end - at + this.#payloadBytes - payloadBytes;
    const room = varintBytes(length);
    this.#reserve(room);
    this.#bytes.copyWithin(at + room, at, end);
    for (let i = placed; i < this.#placed.length; i++) (this.#placed[i] as Placed).at += room; // i < length, so there is one
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

  #wideText(bytes: Uint8Array): void {
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
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
