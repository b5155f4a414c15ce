/**
 * WebAssembly code with SIMD, as the numbers of https://webassembly.github.io/spec/core/appendix/index-instructions.html. It is compiled when it is
 * asked for, so it is not for pages whose policy forbids that.
 */
export type Code = readonly number[];
export const code = (...parts: readonly Code[]): Code => parts.flat();
export const LOOP: Code = [0x03, 0x40];
export const REPEAT_IF: Code = [0x0d, 0];
export const END: Code = [0x0b];
export const I32_LESS: Code = [0x49];
export const I32_ADD: Code = [0x6a];
export const I32_MUL: Code = [0x6c];
export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
export const tee = (local: number): Code => [0x22, local];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
const simd = (instruction: number, ...rest: Code): Code => [0xfd, ...unsigned(instruction), ...rest];
export const load = (): Code => simd(0, 4, 0);
export const store = (): Code => simd(11, 4, 0);
export const shuffle = (from: number, then: number): Code => simd(13, ...eightFrom(from), ...eightFrom(then));
const eightFrom = (first: number): Code => Array.from({ length: 8 }, (_, i) => first + i);
export const i32x4Splat = (): Code => simd(17);
export const i32x4Replace = (lane: number): Code => simd(28, lane);
export const i32x4ShiftRight = (): Code => simd(173);
export const i32x4Add = (): Code => simd(174);
export const i32x4Mul = (): Code => simd(181);
export const xor = (): Code => simd(81);
export const f64x2Splat = (): Code => simd(20);
export const f64x2Convert = (): Code => simd(254); // of the lower two int32
export const f64x2Mul = (): Code => simd(242);
export const f64x2Promote = (): Code => simd(95); // of the lower two float32
export const f32x4Demote = (): Code => simd(94); // to the lower two float32

export const TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** A function over one memory. */
interface Kernel {
  /** Of 64 KiB each. */
  readonly pages: number;
  /** Value types. */
  readonly parameters: Code;
  /** How many of which value type. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly body: Code;
}
/** The memory and the function of a kernel; null where there is no WebAssembly with SIMD. */
export function instantiate<F>({ pages, parameters, locals, body }: Kernel): { memory: ArrayBuffer; run: F } | null {
  const whole = code(unsigned(locals.length), ...locals.map(([count, type]) => [...unsigned(count), type]), body, END);
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // https://webassembly.github.io/spec/core/binary/modules.html
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("run"), 0, 0]),
    ...section(10, [1, ...unsigned(whole.length), ...whole]),
  );
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(bytes)) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return { memory: (exports.memory as WebAssembly.Memory).buffer, run: exports.run as F }; // as they are exported above
}
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const name = (text: string): Code => [text.length, ...new TextEncoder().encode(text)];

/** LEB128, https://webassembly.github.io/spec/core/binary/values.html#integers */
const unsigned = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]);
function signed(value: number): Code {
  const rest = (value | 0) >> 7;
  const last = rest === ((value & 64) === 0 ? 0 : -1);
  return last ? [value & 127] : [(value & 127) | 128, ...signed(rest)];
}
