import {
  type Code,
  code,
  get,
  i32,
  i32Add,
  i32Less,
  i32Load,
  i32Multiply,
  repeatWhile,
  set,
  simd,
  wasmModule,
} from "../graph/wasm-code.js";
import { HALF, PRECISION } from "./resample-passes.js";

/** Vectors are read and written whole, at most this many bytes past the last that counts. */
export const MARGIN = 16;
/** Each output of a table starts with where its first input is, in bytes, and how many there are; its weights follow. All are 32-bit numbers. */
export const RECORD_HEAD = 2;

/** The passes of a resize over a memory that starts with a table of outputs. */
export interface SimdKernels {
  readonly memory: WebAssembly.Memory;
  alongX(source: number, result: number, tableEnd: number, stride: number, rows: number, rowLength: number): void;
  alongY(source: number, result: number, tableEnd: number, stride: number, rowLength: number): void;
}

/** Null where there is no WebAssembly with SIMD, or none may be compiled. */
export function simdKernels(): SimdKernels | null {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes()));
    return exports as unknown as SimdKernels; // as kernelBytes exports them
  } catch {
    return null;
  }
}

const load32Splat = (address: Code): Code => code(address, simd(9, 2, 0));
const load32Zero = (address: Code): Code => code(address, simd(92, 0, 0));
const load128 = (address: Code): Code => code(address, simd(0, 0, 0));
const store128 = (address: Code, value: Code): Code => code(address, value, simd(11, 0, 0));
const storeLane0 = (address: Code, value: Code): Code => code(address, value, simd(90, 0, 0, 0));
const splat = (value: Code): Code => code(value, simd(17));
const add = (a: Code, b: Code): Code => code(a, b, simd(174));
const multiply = (a: Code, b: Code): Code => code(a, b, simd(181));
const shiftRight = (a: Code, bits: number): Code => code(a, i32(bits), simd(172));
/** The lower or upper half of 16 bytes as 16-bit numbers, and of eight of these as 32-bit ones. */
const bytesLow = (a: Code): Code => code(a, simd(137));
const bytesHigh = (a: Code): Code => code(a, simd(138));
const shortsLow = (a: Code): Code => code(a, simd(169));
const shortsHigh = (a: Code): Code => code(a, simd(170));
/** Clipped to 16 bits with a sign, and to bytes without. */
const narrowToShorts = (a: Code, b: Code): Code => code(a, b, simd(133));
const narrowToBytes = (a: Code, b: Code): Code => code(a, b, simd(102));
const step = (local: number, by: Code): Code => set(local, i32Add(get(local), by));

/** For each row and each output of the table, the weighted sum of its pixels, in four lanes of which three count. */
function alongXBody(): Code {
  const [source, result, tableEnd, stride, rows, rowLength, row, record, place, weight, end, sum] = range(12);
  const pixel = shortsLow(bytesLow(load32Zero(get(place!))));
  const value = shiftRight(get(sum!), PRECISION);
  const shorts = narrowToShorts(value, value);
  return repeatWhile(
    code(
      set(record!, i32(0)),
      repeatWhile(
        code(
          set(place!, i32Add(get(source!), i32Load(get(record!)))),
          set(weight!, i32Add(get(record!), i32(4 * RECORD_HEAD))),
          set(end!, i32Add(get(weight!), i32Multiply(i32Load(get(record!), 4), i32(4)))),
          set(sum!, splat(i32(HALF))),
          repeatWhile(
            code(
              set(sum!, add(get(sum!), multiply(pixel, load32Splat(get(weight!))))),
              step(place!, i32(3)),
              step(weight!, i32(4)),
            ),
            i32Less(get(weight!), get(end!)),
          ),
          storeLane0(get(result!), narrowToBytes(shorts, shorts)),
          step(result!, i32(3)),
          step(record!, i32Add(i32(4 * RECORD_HEAD), i32Multiply(get(stride!), i32(4)))),
        ),
        i32Less(get(record!), get(tableEnd!)),
      ),
      step(source!, get(rowLength!)),
      step(row!, i32(1)),
    ),
    i32Less(get(row!), get(rows!)),
  );
}

/** For each output row of the table, the weighted sum of its rows, sixteen bytes at a time. */
function alongYBody(): Code {
  const [source, result, tableEnd, stride, rowLength, record, x, place, weight, end, bytes, factor, ...sums] =
    range(16);
  const parts = [shortsLow(bytesLow(get(bytes!))), shortsHigh(bytesLow(get(bytes!)))];
  parts.push(shortsLow(bytesHigh(get(bytes!))), shortsHigh(bytesHigh(get(bytes!))));
  const [a, b, c, d] = sums.map((sum) => shiftRight(get(sum), PRECISION));
  return repeatWhile(
    code(
      set(x!, i32(0)),
      repeatWhile(
        code(
          set(place!, i32Add(i32Add(get(source!), get(x!)), i32Load(get(record!)))),
          set(weight!, i32Add(get(record!), i32(4 * RECORD_HEAD))),
          set(end!, i32Add(get(weight!), i32Multiply(i32Load(get(record!), 4), i32(4)))),
          ...sums.map((sum) => set(sum, splat(i32(HALF)))),
          repeatWhile(
            code(
              set(bytes!, load128(get(place!))),
              set(factor!, load32Splat(get(weight!))),
              ...sums.map((sum, i) => set(sum, add(get(sum), multiply(parts[i]!, get(factor!))))),
              step(place!, get(rowLength!)),
              step(weight!, i32(4)),
            ),
            i32Less(get(weight!), get(end!)),
          ),
          store128(
            i32Add(get(result!), get(x!)), // what is past the row's end is overwritten by the next row
            narrowToBytes(narrowToShorts(a!, b!), narrowToShorts(c!, d!)),
          ),
          step(x!, i32(16)),
        ),
        i32Less(get(x!), get(rowLength!)),
      ),
      step(result!, get(rowLength!)),
      step(record!, i32Add(i32(4 * RECORD_HEAD), i32Multiply(get(stride!), i32(4)))),
    ),
    i32Less(get(record!), get(tableEnd!)),
  );
}
const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

const kernelBytes = (): Uint8Array<ArrayBuffer> =>
  wasmModule([
    {
      name: "alongX",
      parameters: 6,
      locals: ["i32", "i32", "i32", "i32", "i32", "v128"],
      body: alongXBody(),
    },
    {
      name: "alongY",
      parameters: 5,
      locals: ["i32", "i32", "i32", "i32", "i32", "v128", "v128", "v128", "v128", "v128", "v128"],
      body: alongYBody(),
    },
  ]);
