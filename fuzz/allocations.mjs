// Notes how much memory is asked for at once.

const TYPED = /** @type {const} */ ([
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
  ...["Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "ArrayBuffer", "SharedArrayBuffer"],
]);
/** @typedef {{ take(): number, restore(): void }} Allocations */

/**
 * From now on, the bytes of the largest array buffer, typed array, Buffer, list by Array.from or decoded text that is made: `take` gives those
 * since it was called last. Lists and maps that grow are left to the limit of the heap.
 * @returns {Allocations}
 */
export function watchAllocations() {
  let largest = 0;
  /** @type {(() => void)[]} */
  const undo = [];
  const note = (/** @type {number} */ bytes) => {
    if (bytes > largest) largest = bytes;
  };
  /** @param {any} owner @param {string} key @param {any} value */
  const put = (owner, key, value) => {
    const before = owner[key];
    owner[key] = value;
    undo.push(() => {
      owner[key] = before;
    });
  };
  /** @param {any} owner @param {string} key @param {(result: any) => number} size */
  const wrap = (owner, key, size) => {
    const before = owner[key];
    put(owner, key, function (/** @type {any[]} */ ...args) {
      // @ts-expect-error: a method hands on what it is called on
      const result = before.apply(this, args);
      note(size(result));
      return result;
    });
  };
  for (const name of TYPED) {
    const { prototype } = globalThis[name];
    const watched = new Proxy(globalThis[name], {
      construct(target, args, self) {
        const result = Reflect.construct(target, args, self === watched ? target : self);
        const shared = args[0] instanceof ArrayBuffer || args[0] instanceof SharedArrayBuffer;
        if (!shared) note(result.byteLength); // a view takes no memory
        return result;
      },
    });
    put(globalThis, name, watched);
    put(prototype, "constructor", watched);
  }
  const bytes = (/** @type {{ byteLength: number }} */ b) => b.byteLength;
  const typed = Object.getPrototypeOf(Uint8Array.prototype);
  for (const key of ["toReversed", "toSorted", "with"]) wrap(typed, key, bytes); // others make theirs by the constructor
  for (const key of ["alloc", "allocUnsafe", "allocUnsafeSlow", "concat"]) wrap(Buffer, key, bytes);
  wrap(Array, "from", (list) => 8 * list.length);
  wrap(TextDecoder.prototype, "decode", textBytes);
  return {
    take() {
      const before = largest;
      largest = 0;
      return before;
    },
    restore() {
      for (const back of undo.reverse()) back();
    },
  };
}
/** A text takes two bytes a character where one of them is beyond Latin-1; short ones need no look. @param {string} text */
const textBytes = (text) => (text.length > 2 ** 20 && !/[^\0-\xff]/.test(text) ? text.length : 2 * text.length);

/** Bytes that reading a file of `length` may take at once. @param {number} length */
export const allowed = (length) => Math.max(64 * 2 ** 20, 2 * length);
