import { UserError } from "../../graph/error.js";
import { quoted } from "./names.js";

/** What a text in JSON may have: more of it costs many times its bytes in memory, or more stack than there is. */
export interface JsonLimits {
  /** Objects and lists inside one another. */
  readonly depth: number;
  /** Members of one object or list. */
  readonly items: number;
}

/**
 * The value of a text in JSON (RFC 8259), whose first byte is byte `origin` of the file `name`. Throws a UserError that names the byte where a
 * limit is passed or a key stands twice in one object, since readers differ on which of the two counts; null where it is no JSON.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits, name: string, origin = 0): unknown {
  requireModest(bytes, limits, (problem, at) => new UserError(`${name}: ${problem} at byte ${origin + at}`));
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

export const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> =>
  typeof v === "object" && v !== null && !Array.isArray(v);
/** A value as an error shows it. */
export const brief = (v: unknown): string => (JSON.stringify(v) ?? "nothing").slice(0, 80);

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Looks at the punctuation outside of texts alone: whether it is JSON is not asked here. */
function requireModest(
  bytes: Uint8Array,
  { depth, items }: JsonLimits,
  fail: (problem: string, at: number) => UserError,
): void {
  const around: { commas: number; readonly keys: Set<string> }[] = [];
  let text = 0; // where the last text starts
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      text = at;
      at = endOfText(bytes, at);
    } else if (byte === LIST || byte === OBJECT) {
      if (around.length === depth) throw fail(`more than ${depth} objects and lists inside one another`, at);
      around.push({ commas: 0, keys: new Set() });
    } else if (byte === LIST_END || byte === OBJECT_END) around.pop();
    else if (byte === COMMA || byte === COLON) {
      const inner = around.at(-1);
      if (!inner) return; // it is no JSON, and is not read any further
      if (byte === COMMA && ++inner.commas >= items) throw fail(`more than ${items} members of one object or list`, at);
      if (byte === COLON) addKey(inner.keys, textAt(bytes, text, at), (problem) => fail(problem, text));
    }
  }
}
function addKey(keys: Set<string>, key: string, fail: (problem: string) => UserError): void {
  if (keys.has(key)) throw fail(`a second key ${quoted(key)}`);
  keys.add(key);
}

/** The place of the quotation mark that ends the text which starts at `start`. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
/** The text between `start` and a colon. */
function textAt(bytes: Uint8Array, start: number, colon: number): string {
  const spelled = new TextDecoder().decode(bytes.subarray(start, colon)).trim();
  if (!spelled.includes("\\")) return spelled.slice(1, -1);
  try {
    return String(JSON.parse(spelled));
  } catch {
    return spelled; // it is no JSON then, which parsing the whole says
  }
}
