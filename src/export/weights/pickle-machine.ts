import type { UserError } from "../../graph/error.js";
import { quoted } from "./names.js";
import type { PickleInput } from "./pickle-input.js";

/** What a constructor may do besides making its value. */
export interface PickleCall {
  /** An error that names the byte. */
  fail(problem: string): UserError;
  /** Counts work that is not in proportion to the bytes read; throws when there is too much. */
  spend(steps: number): void;
}
type Make = (args: readonly unknown[], call: PickleCall) => unknown;

/** A name that a pickle may call: what it makes is ours, and nothing of Python's is run. */
export class Constructor {
  constructor(readonly make: Make) {}
}
/** A value that has a state of its own, which a pickle may set. */
export abstract class PickleObject {
  setState(_state: unknown, _call: PickleCall): void {}
}

/** All that a pickle may refer to. */
export interface PickleRules {
  /** What "module.name" stands for: a Constructor, or a value that cannot be called. No other name is looked up. */
  readonly globals: ReadonlyMap<string, unknown>;
  /** What a persistent id stands for. */
  readonly persistent: (id: unknown, call: PickleCall) => unknown;
}

/** Opcodes and other work of one pickle. A checkpoint of 1,000 tensors has some 50,000. */
const MAX_STEPS = 1_000_000;
/** Steps that storing a value costs whose number skips others: no writer does so. */
const SKIPPED = 3;

/** Values by number. Writers count up from 0, so that an array holds them, which grows faster than a map; a map holds those that skip numbers. */
class Memo {
  private readonly row: unknown[] = [];
  private readonly others = new Map<number, unknown>();

  get size(): number {
    return this.row.length + this.others.size;
  }
  has = (index: number): boolean => index in this.row || this.others.has(index);
  get = (index: number): unknown => (index in this.row ? this.row[index] : this.others.get(index));
  set(index: number, value: unknown): void {
    if (index in this.row) this.row[index] = value;
    else if (index === this.row.length && !this.others.has(index)) this.row.push(value);
    else this.others.set(index, value);
  }
}

/** The stack, the marks on it and the memo. */
export class Machine implements PickleCall {
  private readonly stack: unknown[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Memo();
  private steps = 0;

  constructor(
    private readonly input: PickleInput,
    private readonly rules: PickleRules,
  ) {}

  fail = (problem: string): UserError => this.input.fail(problem);
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > MAX_STEPS) throw this.fail(`the pickle takes more than ${MAX_STEPS} steps`);
  }

  push(value: unknown): void {
    this.stack.push(value);
  }
  top(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.fail("the pickle takes a value where there is none");
    return this.stack.at(-1);
  }
  pop(): unknown {
    const value = this.top();
    this.stack.pop();
    return value;
  }
  mark(): void {
    this.marks.push(this.stack.length);
  }
  /** All values since the last mark. */
  popMarked(): unknown[] {
    const from = this.marks.pop();
    if (from === undefined) throw this.fail("the pickle goes back to a mark, and there is none");
    return this.stack.splice(from);
  }
  popList(length: number): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < length; i++) list.push(this.pop());
    return list.reverse();
  }

  memoize(index = this.memo.size): void {
    if (index > this.memo.size) this.spend(SKIPPED);
    this.memo.set(index, this.top());
  }
  recall(index: number): void {
    if (!this.memo.has(index)) throw this.fail(`the pickle recalls value ${index}, which it has not stored`);
    this.push(this.memo.get(index));
  }

  append(values: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.fail(`the pickle appends to ${kindOf(list)}`);
    for (const value of values) list.push(value);
  }
  setItems(values: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || values.length % 2) throw this.fail(`the pickle sets items of ${kindOf(dict)}`);
    for (let i = 0; i < values.length; i += 2) dict.set(values[i], values[i + 1]);
  }

  global(module: unknown, name: unknown): unknown {
    if (typeof module !== "string" || typeof name !== "string")
      throw this.fail(`the pickle has ${kindOf(module)} and ${kindOf(name)} for a name to look up`);
    const path = `${module}.${name}`;
    if (!this.rules.globals.has(path))
      throw this.fail(
        `${quoted(path)} is refused, since tensors do not need it; nothing was run. In PyTorch, save model.state_dict() alone`,
      );
    return this.rules.globals.get(path);
  }
  call(callee: unknown, args: unknown): void {
    if (!(callee instanceof Constructor) || !Array.isArray(args)) throw this.fail(`the pickle calls ${kindOf(callee)}`);
    this.push(callee.make(args, this));
  }
  setState(state: unknown): void {
    const object = this.top();
    if (object instanceof PickleObject) object.setState(state, this);
    else if (!(object instanceof Map)) throw this.fail(`the pickle sets the state of ${kindOf(object)}`);
  }
  persistent(id: unknown): void {
    this.push(this.rules.persistent(id, this));
  }
}

/** What stands for something by its key or its number: a text or an integer; null for any other value, of which a text might never end. */
export const keyOf = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "bigint" || Number.isSafeInteger(value) ? `${value}` : null;

/** What an error calls a value: never the value itself, which may be long or contain itself. */
export function kindOf(value: unknown): string {
  if (value === null) return "None";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "a dictionary";
  if (typeof value === "string") return `the text ${quoted(value)}`;
  if (value instanceof Constructor) return "a class";
  return value instanceof Uint8Array ? "bytes" : typeof value === "object" ? "an object" : `${value}`;
}
