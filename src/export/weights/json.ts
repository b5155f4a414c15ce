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
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    requireModest(text, limits, (problem, at) => {
      const before = new TextEncoder().encode(text.slice(0, at)).length;
      return new UserError(`${name}: ${problem} at byte ${origin + before}`);
    });
    return JSON.parse(text);
  } catch (e) {
    if (e instanceof UserError) throw e;
    return null;
  }
}

export const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> =>
  typeof v === "object" && v !== null && !Array.isArray(v);
/** A value as an error shows it. */
export const brief = (v: unknown): string => (JSON.stringify(v) ?? "nothing").slice(0, 80);

/** What stands between texts, numbers and names. */
const MARKS = /["[\]{},:]/g;

/** Looks at the punctuation outside of texts alone: whether it is JSON is not asked here. */
function requireModest(
  text: string,
  { depth, items }: JsonLimits,
  fail: (problem: string, at: number) => UserError,
): void {
  const around: { commas: number; readonly keys: Set<string> }[] = [];
  let [start, end] = [0, 0]; // of the last text
  const marks = new RegExp(MARKS);
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    const [mark, at] = [found[0], found.index];
    if (mark === '"') {
      [start, end] = [at, endOfText(text, at)];
      marks.lastIndex = end;
    } else if (mark === "[" || mark === "{") {
      if (around.length === depth) throw fail(`more than ${depth} objects and lists inside one another`, at);
      around.push({ commas: 0, keys: new Set() });
    } else if (mark === "]" || mark === "}") around.pop();
    else {
      const inner = around.at(-1);
      if (!inner) return; // it is no JSON, and is not read any further
      if (mark === "," && ++inner.commas >= items) throw fail(`more than ${items} members of one object or list`, at);
      if (mark === ":") addKey(inner.keys, meaning(text.slice(start, end)), (problem) => fail(problem, start));
    }
  }
}
function addKey(keys: Set<string>, key: string, fail: (problem: string) => UserError): void {
  if (keys.has(key)) throw fail(`a second key ${quoted(key)}`);
  keys.add(key);
}

/** The place behind the quotation mark that ends the text which starts at `start`. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}
/** What a text in quotation marks says. */
function meaning(spelled: string): string {
  if (!spelled.includes("\\")) return spelled.slice(1, -1);
  try {
    return String(JSON.parse(spelled));
  } catch {
    return spelled; // it is no JSON then, which parsing the whole says
  }
}
