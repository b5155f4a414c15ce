import type { PickleInput } from "./pickle-input.js";
import { Machine, type PickleRules } from "./pickle-machine.js";

/**
 * The value of a pickle (protocols 0 to 5, as Python's pickletools describes them), and `input` behind it. Lists and tuples are arrays,
 * dictionaries maps, sets arrays, text strings; integers beyond 2^53 are bigint. Attributes of dictionaries are left out. A value may contain
 * itself. Throws a UserError that names the byte: for a name that is not on the list too.
 */
export function readPickle(input: PickleInput, rules: PickleRules): unknown {
  const machine = new Machine(input, rules);
  for (;;) {
    machine.spend(1);
    const code = input.uint8();
    if (code === STOP) return machine.pop();
    const run = OPCODES[String.fromCharCode(code)];
    if (!run) throw input.fail(`0x${code.toString(16)} is no opcode that checkpoints have`, input.at - 1);
    run(machine, input);
  }
}
const STOP = 46;
/** Of the protocols. */
const NEWEST = 5;

const toDict = (m: Machine, values: readonly unknown[]): void => {
  m.push(new Map());
  m.setItems(values);
};
/** \n, \xhh, \uhhhh and \\ in the text of protocol 0. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi, (_, x, u, c) =>
    c === undefined ? String.fromCharCode(Number.parseInt(x ?? u, 16)) : c === "n" ? "\n" : c,
  );

const OPCODES: Readonly<Record<string, (m: Machine, input: PickleInput) => void>> = {
  "(": (m) => m.mark(),
  "0": (m) => m.pop(),
  "1": (m) => m.popMarked(),
  "2": (m) => m.push(m.top()),
  N: (m) => m.push(null),
  "\x88": (m) => m.push(true),
  "\x89": (m) => m.push(false),
  // integers and floats
  K: (m, i) => m.push(i.uint8()),
  M: (m, i) => m.push(i.uint16()),
  J: (m, i) => m.push(i.int32()),
  I: (m, i) => m.push(i.decimal()),
  L: (m, i) => m.push(i.decimal()),
  "\x8a": (m, i) => m.push(i.integer(i.uint8())),
  "\x8b": (m, i) => m.push(i.integer(i.uint32())),
  G: (m, i) => m.push(i.float64()),
  F: (m, i) => m.push(i.float()),
  // text and bytes
  X: (m, i) => m.push(i.string(i.uint32())),
  "\x8c": (m, i) => m.push(i.string(i.uint8())),
  "\x8d": (m, i) => m.push(i.string(i.uint64())),
  T: (m, i) => m.push(i.byteString(i.uint32())),
  U: (m, i) => m.push(i.byteString(i.uint8())),
  S: (m, i) => m.push(unescaped(i.line().slice(1, -1))),
  V: (m, i) => m.push(unescaped(i.latin1Line())),
  B: (m, i) => m.push(i.take(i.uint32())),
  C: (m, i) => m.push(i.take(i.uint8())),
  "\x8e": (m, i) => m.push(i.take(i.uint64())),
  "\x96": (m, i) => m.push(i.take(i.uint64())),
  // containers
  "]": (m) => m.push([]),
  ")": (m) => m.push([]),
  "}": (m) => m.push(new Map()),
  "\x8f": (m) => m.push([]),
  l: (m) => m.push(m.popMarked()),
  t: (m) => m.push(m.popMarked()),
  "\x91": (m) => m.push(m.popMarked()),
  "\x85": (m) => m.push(m.popList(1)),
  "\x86": (m) => m.push(m.popList(2)),
  "\x87": (m) => m.push(m.popList(3)),
  d: (m) => toDict(m, m.popMarked()),
  a: (m) => m.append(m.popList(1)),
  e: (m) => m.append(m.popMarked()),
  "\x90": (m) => m.append(m.popMarked()),
  s: (m) => m.setItems(m.popList(2)),
  u: (m) => m.setItems(m.popMarked()),
  // the memo
  p: (m, i) => m.memoize(Number(i.decimal())),
  q: (m, i) => m.memoize(i.uint8()),
  r: (m, i) => m.memoize(i.uint32()),
  "\x94": (m) => m.memoize(),
  g: (m, i) => m.recall(Number(i.decimal())),
  h: (m, i) => m.recall(i.uint8()),
  j: (m, i) => m.recall(i.uint32()),
  // names, calls, states
  c: (m, i) => m.push(m.global(i.line(), i.line())),
  "\x93": (m) => {
    const [module, name] = m.popList(2);
    m.push(m.global(module, name));
  },
  R: (m) => {
    const [callee, args] = m.popList(2);
    m.call(callee, args);
  },
  "\x81": (m) => {
    const [callee, args] = m.popList(2);
    m.call(callee, args);
  },
  i: (m, i) => m.call(m.global(i.line(), i.line()), m.popMarked()),
  o: (m) => {
    const [callee, ...args] = m.popMarked();
    m.call(callee, args);
  },
  b: (m) => m.setState(m.pop()),
  P: (m, i) => m.persistent(i.line()),
  Q: (m) => m.persistent(m.pop()),
  // the frame of the pickle
  "\x80": (_, i) => {
    const protocol = i.uint8();
    if (protocol > NEWEST) throw i.fail(`protocol ${protocol} of pickles, and ${NEWEST} is the newest known`);
  },
  "\x95": (_, i) => i.require(i.uint64()),
};
