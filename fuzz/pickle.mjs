// Damage to pickles, opcode by opcode, so that it reaches what is behind the parser.

/**
 * @typedef {(n: number) => number} Pick
 * @typedef {{ code: number, arg: Uint8Array }} Op  the bytes of `arg` include a length in front of them
 */

/** Bytes behind an opcode: so many. */
const FIXED = new Map([
  ..."K1 M2 J4 G8 h1 q1 j4 r4".split(" ").map((s) => entry(s)),
  ...numbers([0x80, 1], [0x95, 8], [0x82, 1]),
]);
/** A length of so many bytes, and as many bytes. */
const COUNTED = new Map([
  ..."U1 C1 X4 T4 B4".split(" ").map((s) => entry(s)),
  ...numbers([0x8c, 1], [0x8a, 1], [0x8b, 4], [0x8d, 8], [0x8e, 8], [0x96, 8]),
]);
/** So many lines. */
const LINES = new Map("I1 L1 F1 S1 V1 g1 p1 P1 c2 i2".split(" ").map((s) => entry(s)));
const STOP = 0x2e;

/** @param {string} spelled @returns {[number, number]} */
function entry(spelled) {
  return [spelled.charCodeAt(0), Number(spelled[1])];
}
/** @param {...[number, number]} entries */
function numbers(...entries) {
  return entries;
}

/**
 * The pickles in a row that `bytes` start with, and where they end.
 * @param {Uint8Array} bytes
 * @returns {{ pickles: Op[][], end: number }}
 */
export function parsePickles(bytes) {
  const pickles = [];
  let end = 0;
  for (let at = 0, ops = /** @type {Op[]} */ ([]); at < bytes.length; ) {
    const code = bytes[at] ?? 0;
    const size = argSize(bytes, at + 1, code);
    if (size === null || at + 1 + size > bytes.length || (!ops.length && code !== 0x80)) break;
    ops.push({ code, arg: bytes.slice(at + 1, at + 1 + size) });
    at += 1 + size;
    if (code !== STOP) continue;
    pickles.push(ops);
    ops = [];
    end = at;
  }
  return { pickles, end };
}
/** @param {Uint8Array} bytes @param {number} at @param {number} code */
function argSize(bytes, at, code) {
  const width = COUNTED.get(code);
  if (width !== undefined) {
    let length = 0;
    for (let i = width - 1; i >= 0; i--) length = length * 256 + (bytes[at + i] ?? 0);
    return width + length;
  }
  const lines = LINES.get(code) ?? 0;
  let end = at;
  for (let i = 0; i < lines; i++) {
    const feed = bytes.indexOf(10, end);
    if (feed < 0) return null;
    end = feed + 1;
  }
  return lines ? end - at : (FIXED.get(code) ?? 0);
}
/** @param {readonly Op[]} ops */
const spell = (ops) => Buffer.concat(ops.flatMap(({ code, arg }) => [Uint8Array.of(code), arg]));

/** @param {string} text */
const ops = (text) => {
  const list = parsePickles(Buffer.from(`\x80\x02${text}.`, "latin1")).pickles[0] ?? [];
  return list.slice(1, -1);
};
/** Values that pickles have no need of, of which some grow beyond measure when they are shown, compared or copied. */
const HOSTILE = [
  "cos\nsystem\nX\x02\0\0\0id\x85R",
  "\x8c\x02os\x8c\x06system\x93",
  "c__builtin__\neval\n",
  "(ios\nsystem\n",
  "\x82\x01",
  `N${"2\x86".repeat(60)}`,
  `]${"\x85".repeat(20_000)}`,
  `${"(".repeat(50)}`,
  "(lq\xf02a",
  "}q\xf0X\x01\0\0\0ah\xf0s",
  "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
  "\x8a\x08\0\0\0\0\0\0\0\x10",
  "J\xff\xff\xff\xff",
  "G\x7f\xf8\0\0\0\0\0\0",
  "I99999999999999999999\n",
  "X\x02\0\0\0\xff\xfe",
  "\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
  "r\xff\xff\xff\xff",
  "X\x09\0\0\0../../x\0\n",
].map(ops);
/** What makes pairs of pairs, or tuples in one another, of the value before. */
const WRAPPING = [ops("2\x86".repeat(60)), ops("\x85".repeat(20_000))];

/**
 * One opcode taken out, doubled, exchanged, given another argument, or a hostile value put in, in one of the pickles that `bytes` start with.
 * @param {Uint8Array} bytes
 * @param {Pick} pick
 */
export function mutatePickle(bytes, pick) {
  const { pickles, end } = parsePickles(bytes);
  if (!pickles.length) return bytes;
  const longest = pickles.reduce((a, b) => (b.length > a.length ? b : a));
  const list = pick(4) ? longest : (pickles[pick(pickles.length)] ?? longest);
  const at = pick(list.length);
  const op = /** @type {Op} */ (list[at]); // at < length
  const other = /** @type {Op} */ (list[pick(list.length)]); // the same
  switch (pick(9)) {
    case 0:
      list.splice(at, 1 + pick(2));
      break;
    case 1:
      list.splice(at, 0, ...list.slice(at, at + 1 + pick(6)));
      break;
    case 2:
      list.splice(at, 1, other);
      break;
    case 3:
      list.splice(at, 0, ...(HOSTILE[pick(HOSTILE.length)] ?? []));
      break;
    case 4:
      list.splice(at, 1, ...(HOSTILE[pick(HOSTILE.length)] ?? []));
      break;
    case 5:
      list.splice(at + 1, 0, ...(WRAPPING[pick(pick(4) ? 1 : 2)] ?? []));
      break;
    case 6:
      if (!op.arg.length) list.splice(at, 1, { code: pick(256), arg: op.arg });
      else list[at] = { code: op.code, arg: op.arg.map((b) => (pick(3) ? b : pick(2) ? 0xff : pick(256))) };
      break;
    case 7:
      if (op.arg.length === other.arg.length) list[at] = { code: op.code, arg: other.arg };
      else list[at] = other;
      break;
    default:
      list.splice(at, 1, ...Array.from({ length: 1 + pick(pick(9) ? 4 : 2000) }, () => op));
  }
  return Buffer.concat([...pickles.map(spell), bytes.subarray(end)]);
}
