import type { Feeds, HostArray, HostTensor } from "../session.js";

/** Bytes from which feeds are carried; fewer are sooner copied with their message. */
const LARGE = 64 * 1024;
/** Multiple of every element's size. */
const ALIGNMENT = 8;
/** Buffers that wait for feeds: for one run, and the next one that is asked for meanwhile. */
const MOST = 2;

/** Feeds in a buffer that goes to another thread and comes back. */
export interface Carried {
  readonly feeds: Feeds;
  /** Null where they go with the message. */
  readonly memory: ArrayBuffer | null;
}
/** Buffers for feeds on their way to another thread. */
export interface Carrier {
  /** Copies `feeds` into a buffer to be transferred. */
  load(feeds: Feeds): Carried;
  /** Takes a buffer that came back. */
  unload(memory: ArrayBuffer): void;
}

/** A message copies what it holds twice, into memory that is new each time; these buffers are written once, and used again. */
export function carrier(): Carrier {
  const waiting: ArrayBuffer[] = [];
  return {
    load(feeds) {
      const bytes = Object.values(feeds).reduce((sum, tensor) => sum + aligned(tensor?.data?.byteLength), 0);
      if (!(bytes >= LARGE)) return { feeds, memory: null }; // also where one is no typed array, which the runtime refuses with a sentence
      const known = waiting.pop();
      const memory = known && known.byteLength >= bytes ? known : new ArrayBuffer(bytes);
      return { feeds: copied(feeds, memory), memory };
    },
    unload(memory) {
      if (waiting.length < MOST) waiting.push(memory);
    },
  };
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Feeds in `memory`, one behind the other. */
function copied(feeds: Feeds, memory: ArrayBuffer): Feeds {
  let at = 0;
  const copy = ({ dtype, shape, data }: HostTensor): HostTensor => {
    const make = data.constructor as new (memory: ArrayBuffer, from: number, length: number) => HostArray; // a typed array's own
    const into = new make(memory, at, data.length);
    into.set(data as never); // of one type
    at += aligned(data.byteLength);
    return { dtype, shape, data: into };
  };
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, copy(tensor)]));
}
