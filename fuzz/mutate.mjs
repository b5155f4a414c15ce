// Damage to files, chosen by a seed alone.

import { mutateHeader, mutateJson } from "./json.mjs";
import { mutatePickle } from "./pickle.mjs";
import { mutateMessage } from "./protobuf.mjs";
import { generator } from "./random.mjs";
import { mutateTar } from "./tar.mjs";
import { mutateZip } from "./zip.mjs";

/**
 * @typedef {(n: number) => number} Pick  an integer in [0, n)
 * @typedef {(bytes: Uint8Array, pick: Pick, other: Uint8Array) => Uint8Array} Mutation
 */

/** @param {...Uint8Array} parts */
const join = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
/**
 * Two places in order, and mostly near each other.
 * @param {Pick} pick
 * @param {number} length
 * @returns {[number, number]}
 */
const range = (pick, length) => {
  const start = pick(length + 1);
  return [start, Math.min(length, start + pick(pick(8) ? 32 : length + 1))];
};
/** Lengths and counts that lie: varints of 2^28 - 1, 2^32, 2^63 - 1 and -1, 64-bit integers of 2^60 and -1. */
const INFLATED = [
  [0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0, 0, 0, 0, 0, 0, 0, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
].map((list) => Uint8Array.from(list));
/** Numbers as text that lie. */
const NUMBERS = ["-1", "0", "", "0.5", "1e9", "4294967296", "9007199254740993", "99999999999999999999", "[", "null"];
const EDGES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** @type {Readonly<Record<string, Mutation>>} */
const MUTATIONS = {
  flip(bytes, pick) {
    const out = bytes.slice();
    if (out.length) out[pick(out.length)] ^= 1 << pick(8);
    return out;
  },
  set(bytes, pick) {
    const out = bytes.slice();
    if (out.length) out[pick(out.length)] = pick(2) ? (EDGES[pick(EDGES.length)] ?? 0) : pick(256);
    return out;
  },
  cut: (bytes, pick) => bytes.slice(0, pick(bytes.length + 1)),
  remove(bytes, pick) {
    const [start, end] = range(pick, bytes.length);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  repeat(bytes, pick) {
    const [start, end] = range(pick, bytes.length);
    return join(bytes.subarray(0, end), bytes.subarray(start));
  },
  splice(bytes, pick, other) {
    const [from, to] = range(pick, other.length);
    const [start, end] = range(pick, bytes.length);
    return join(bytes.subarray(0, start), other.subarray(from, to), bytes.subarray(end));
  },
  inflate(bytes, pick) {
    const lie = INFLATED[pick(INFLATED.length)] ?? new Uint8Array();
    const at = pick(4) ? pick(bytes.length + 1) : 0;
    return join(bytes.subarray(0, at), lie, bytes.subarray(at + pick(lie.length + 1)));
  },
  /** Another number for one that is spelled in digits. */
  number(bytes, pick) {
    const digit = (/** @type {number | undefined} */ b) => b !== undefined && b >= 48 && b < 58;
    let start = pick(bytes.length + 1);
    while (start < bytes.length && !digit(bytes[start])) start++;
    let end = start;
    while (digit(bytes[end])) end++;
    const text = new TextEncoder().encode(NUMBERS[pick(NUMBERS.length)] ?? "");
    return join(bytes.subarray(0, start), text, bytes.subarray(end));
  },
  message: (bytes, pick, other) => mutateMessage(bytes, pick, other),
  pickle: (bytes, pick) => plain(mutatePickle(bytes, pick)),
  zip: (bytes, pick, other) => plain(mutateZip(bytes, pick, (content) => change(content, pick, other))),
  tar: (bytes, pick, other) => plain(mutateTar(bytes, pick, (content) => change(content, pick, other))),
  header: (bytes, pick) => plain(mutateHeader(bytes, pick)),
  json: (bytes, pick) => new TextEncoder().encode(mutateJson(new TextDecoder().decode(bytes), pick)),
};
/** Mutations for any file. */
export const PLAIN = ["flip", "set", "cut", "remove", "repeat", "splice", "inflate", "number"];

/** A copy that is no Buffer, whose own slice would not copy. @param {Uint8Array} bytes */
const plain = (bytes) => new Uint8Array(bytes);
/**
 * What a file in an archive becomes.
 * @type {Mutation}
 */
function change(content, pick, other) {
  const kind = content[0] === 0x80 && pick(4) ? "pickle" : (PLAIN[pick(PLAIN.length)] ?? "flip");
  return MUTATIONS[kind]?.(content, pick, other) ?? content;
}

/**
 * A damaged copy of one of `inputs`, the same for the same seed. Mutations that know a format
 * keep its lengths and checksums right.
 * @param {readonly Uint8Array[]} inputs
 * @param {number} seed
 * @param {readonly string[]} kinds  names of mutations
 */
export function mutant(inputs, seed, kinds) {
  const pick = generator(seed);
  const any = () => inputs[pick(inputs.length)] ?? new Uint8Array();
  let bytes = any();
  for (let rounds = 1 + pick(pick(4) ? 2 : 8); rounds > 0; rounds--) {
    const mutation = MUTATIONS[kinds[pick(kinds.length)] ?? "flip"];
    if (mutation) bytes = mutation(bytes, pick, any());
  }
  return bytes;
}
