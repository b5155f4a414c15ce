import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";

/** Packed bytes read at a time. */
const CHUNK = 16 * 1024;

/**
 * Deflated bytes (RFC 1951) that unpack to `byteLength` of them, unpacked as they are read: in order without a copy of the whole; a read
 * further up starts again from the front. One read at a time goes on, others wait.
 */
export function inflated(packed: Ranged, byteLength: number, name: string): Ranged {
  let cursor: Cursor | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  const read = async (start: number, end: number, into?: Uint8Array): Promise<Uint8Array> => {
    if (cursor && start < cursor.at) await close();
    cursor ??= new Cursor(packed, name);
    await cursor.skip(start - cursor.at);
    const out = into && into.length >= end - start ? into.subarray(0, end - start) : new Uint8Array(end - start);
    await cursor.fill(out);
    if (end === byteLength) await close();
    return out;
  };
  const close = async (): Promise<void> => {
    await cursor?.close();
    cursor = null;
  };
  return {
    byteLength,
    read: (start, end, into) => {
      const result = turn.then(() => read(start, end, into));
      turn = result.catch(() => {});
      return result;
    },
  };
}

/** Bytes that are unpacked at once where they may be read in any order. */
const SHORT = 64 * 1024 * 1024;

/**
 * `source`, which unpacks as it is read, for reads in any order: where it is short it is unpacked whole, and again only after the engine took the
 * memory back.
 */
export function inAnyOrder(source: Ranged): Ranged {
  const { byteLength } = source;
  if (byteLength > SHORT) return source;
  let held: WeakRef<Uint8Array> | null = null;
  return {
    byteLength,
    async read(start, end) {
      const bytes = held?.deref() ?? (await source.read(0, byteLength));
      held = new WeakRef(bytes);
      return bytes.slice(start, end);
    },
  };
}

/**
 * A place in what unpacks. Packed bytes are fed only while a read waits: the stream of Node 20 holds back nothing, so that a pipe into it would
 * unpack hundreds of megabytes ahead.
 */
class Cursor {
  at = 0;
  private held: Uint8Array = new Uint8Array();
  private fed = 0;
  private feeding: Promise<void> | null = null;
  private closed = false;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly writer: WritableStreamDefaultWriter<BufferSource>;

  constructor(
    private readonly packed: Ranged,
    private readonly name: string,
  ) {
    const { readable, writable } = new DecompressionStream("deflate-raw");
    this.reader = readable.getReader();
    this.writer = writable.getWriter();
    this.writer.closed.catch(ignore);
  }

  fill = (out: Uint8Array): Promise<void> => this.pass(out.length, (piece, done) => out.set(piece, done));
  skip = (size: number): Promise<void> => this.pass(size, ignore);
  /** Gives back what a stream holds that is not read to its end. */
  async close(): Promise<void> {
    await Promise.all([this.writer.abort().catch(ignore), this.reader.cancel().catch(ignore)]);
  }

  private async pass(size: number, take: (piece: Uint8Array, done: number) => void): Promise<void> {
    for (let done = 0; done < size; ) {
      if (!this.held.length) this.held = await this.next();
      const piece = this.held.subarray(0, size - done);
      take(piece, done);
      done += piece.length;
      this.at += piece.length;
      this.held = this.held.subarray(piece.length);
    }
  }
  private async next(): Promise<Uint8Array> {
    let waiting = true;
    const result = this.reader.read();
    const settled = result.then(ignore, ignore).then(() => {
      waiting = false;
    });
    while (waiting && !this.closed) await Promise.race([settled, this.feed()]);
    const { value } = await result.catch(() => {
      throw new UserError(`${this.name} cannot be unpacked behind byte ${this.at}: its bytes are no deflated data`);
    });
    if (!value) throw new UserError(`${this.name} unpacks to ${this.at} bytes, which is less than it announces`);
    return value;
  }
  /** A write may wait for reads, so one that is under way goes on when a read is done. */
  private feed(): Promise<void> {
    if (this.feeding) return this.feeding;
    const feeding = this.feedNext().then(() => {
      this.feeding = null;
    });
    feeding.catch(ignore); // thrown where it is awaited
    this.feeding = feeding;
    return feeding;
  }
  /** What is wrong with the bytes is said by the read that waits for them. */
  private async feedNext(): Promise<void> {
    const { fed, packed } = this;
    this.fed = Math.min(packed.byteLength, fed + CHUNK);
    const chunk = Uint8Array.from(await packed.read(fed, this.fed));
    if (chunk.length) await this.writer.write(chunk).catch(ignore);
    if (this.fed < packed.byteLength) return;
    this.closed = true;
    this.writer.close().catch(ignore);
  }
}
const ignore = (): void => {};
