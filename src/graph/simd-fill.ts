import type { Fill } from "./random.js";

/** Bytes of numbers made at a time: one page of memory. */
const BLOCK = 64 * 1024;

/**
 * The Fill of random.ts in WebAssembly, four numbers at a time: the same bytes in a quarter of the time. It compiles code, so it is not for pages
 * whose policy forbids that. Null where there is no WebAssembly with SIMD.
 */
export function simdFill(): Fill | null {
  const bytes = moduleBytes();
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(bytes)) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const memory = exports.memory as WebAssembly.Memory; // as moduleBytes exports them
  const fill = exports.fill as (counter: number, step: number, scale: number, bytes: number) => void;
  const block = new Float32Array(memory.buffer, 0, BLOCK / 4);
  return (out, counter, step, scale) => {
    for (let at = 0; at < out.length; at += block.length) {
      const count = Math.min(block.length, out.length - at);
      fill((counter + Math.imul(at, step)) | 0, step, scale, 4 * count);
      out.set(block.subarray(0, count), at);
    }
  };
}

/** Machine code, as the numbers of https://webassembly.github.io/spec/core/appendix/index-instructions.html. */
type Code = readonly number[];
const code = (...parts: readonly Code[]): Code => parts.flat();
const LOOP: Code = [0x03, 0x40];
const REPEAT_IF: Code = [0x0d, 0];
const END: Code = [0x0b];
const I32_LESS: Code = [0x49];
const I32_ADD: Code = [0x6a];
const I32_MUL: Code = [0x6c];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const i32 = (value: number): Code => [0x41, ...signed(value)];
const simd = (instruction: number, ...rest: Code): Code => [0xfd, ...unsigned(instruction), ...rest];
const store = (): Code => simd(11, 4, 0);
const shuffle = (from: number, then: number): Code => simd(13, ...eightFrom(from), ...eightFrom(then));
const eightFrom = (first: number): Code => Array.from({ length: 8 }, (_, i) => first + i);
const i32x4Splat = (): Code => simd(17);
const i32x4Replace = (lane: number): Code => simd(28, lane);
const i32x4ShiftRight = (): Code => simd(173);
const i32x4Add = (): Code => simd(174);
const i32x4Mul = (): Code => simd(181);
const xor = (): Code => simd(81);
const f64x2Splat = (): Code => simd(20);
const f64x2Convert = (): Code => simd(254); // of the lower two int32
const f64x2Mul = (): Code => simd(242);
const f32x4Demote = (): Code => simd(94); // to the lower two float32

/** fill(counter, step, scale, bytes), and its locals: the place in memory, four counters, and what `mix` makes of them. */
const [counter, step, scale, bytes, place, four, h] = [0, 1, 2, 3, 4, 5, 6] as const;

const fillCode = (): Code =>
  code(
    ...[get(counter), i32x4Splat()],
    ...[1, 2, 3].flatMap((i) => [get(counter), get(step), i32(i), I32_MUL, I32_ADD, i32x4Replace(i)]),
    set(four),
    LOOP,
    ...[get(four), set(h), xorShift(16), multiply(0x85ebca6b), xorShift(13), multiply(0xc2b2ae35), xorShift(16)],
    ...[get(place), scaled(get(h)), scaled(code(get(h), get(h), shuffle(8, 0))), shuffle(0, 16), store()],
    ...[get(four), get(step), i32(4), I32_MUL, i32x4Splat(), i32x4Add(), set(four)],
    ...[get(place), i32(16), I32_ADD, tee(place), get(bytes), I32_LESS, REPEAT_IF],
    ...[END, END],
  );
/** h ^= h >>> bits */
const xorShift = (bits: number): Code => code(get(h), get(h), i32(bits), i32x4ShiftRight(), xor(), set(h));
/** h *= factor */
const multiply = (factor: number): Code => code(get(h), i32(factor), i32x4Splat(), i32x4Mul(), set(h));
/** The lower two int32 of `value` times the scale. */
const scaled = (value: Code): Code => code(value, f64x2Convert(), get(scale), f64x2Splat(), f64x2Mul(), f32x4Demote());

/** https://webassembly.github.io/spec/core/binary/modules.html: one page of memory, and `fill`. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const types = { i32: 0x7f, f64: 0x7c, v128: 0x7b };
  const body = code([2, 1, types.i32, 2, types.v128], fillCode());
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 4, types.i32, types.i32, types.f64, types.i32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("fill"), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  );
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
