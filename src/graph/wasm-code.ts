/** WebAssembly machine code, as the numbers of https://webassembly.github.io/spec/core/appendix/index-instructions.html. */
export type Code = readonly number[];

export const code = (...parts: readonly Code[]): Code => parts.flat();
const END: Code = [0x0b];
export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => code(value, [0x21, local]);
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const i32Load = (address: Code, offset = 0): Code => code(address, [0x28, 2, ...unsigned(offset)]);
export const i32Add = (a: Code, b: Code): Code => code(a, b, [0x6a]);
export const i32Multiply = (a: Code, b: Code): Code => code(a, b, [0x6c]);
export const i32Less = (a: Code, b: Code): Code => code(a, b, [0x49]);
/** `body` once, and again while `condition` holds after it. */
export const repeatWhile = (body: Code, condition: Code): Code => code([0x03, 0x40], body, condition, [0x0d, 0], END);
/** A vector instruction by its number; `rest` is what follows it, such as alignment and offset. */
export const simd = (instruction: number, ...rest: Code): Code => [0xfd, ...unsigned(instruction), ...rest];

const TYPES = { i32: 0x7f, v128: 0x7b } as const;
export type LocalType = keyof typeof TYPES;

/** A function that takes 32-bit integers and gives nothing; `locals` follow them in the numbering. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly locals: readonly LocalType[];
  readonly body: Code;
}

/** A module of these functions, by their names, and a memory called memory, of one page at first
 *  (https://webassembly.github.io/spec/core/binary/modules.html). */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) =>
    code([0x60], vector(Array.from({ length: f.parameters }, () => [TYPES.i32])), [0]),
  );
  const exports = [code(text("memory"), [2, 0]), ...functions.map((f, i) => code(text(f.name), [0, i]))];
  const bodies = functions.map(({ locals, body }) => {
    const content = code(vector(locals.map((type) => [1, TYPES[type]])), body, END);
    return code(unsigned(content.length), content);
  });
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, i) => [i]))),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
  );
}
const section = (id: number, content: Code): Code => code([id], unsigned(content.length), content);
const vector = (parts: readonly Code[]): Code => code(unsigned(parts.length), ...parts);
const text = (name: string): Code => code(unsigned(name.length), [...new TextEncoder().encode(name)]);

/** LEB128, https://webassembly.github.io/spec/core/binary/values.html#integers */
const unsigned = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]);
function signed(value: number): Code {
  const rest = (value | 0) >> 7;
  const last = rest === ((value & 64) === 0 ? 0 : -1);
  return last ? [value & 127] : [(value & 127) | 128, ...signed(rest)];
}
