import { bytesPerElement, type DType } from "./dtype.js";
import { asFloat32, lazyTensor, type Tensor, tensor } from "./tensor.js";
import { f32, tensorType } from "./type.js";

type Widen = (bytes: DataView, out: Float32Array) => void;

const each =
  (size: number, at: (view: DataView, offset: number) => number): Widen =>
  (view, out) => {
    for (let i = 0; i < out.length; i++) out[i] = at(view, i * size);
  };

const WIDEN: Partial<Record<DType, Widen>> = {
  float16: (view, out) => {
    const numbers = everyHalf();
    for (let i = 0; i < out.length; i++) out[i] = numbers[view.getUint16(i * 2, true)] as number; // there are 2^16
  },
  bfloat16: (view, out) => {
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = view.getUint16(i * 2, true) << 16;
  },
  float64: each(8, (v, o) => v.getFloat64(o, true)),
};

/** Element types that `toFloat32` reads. */
export const castable = (dtype: DType): boolean => dtype === "float32" || dtype in WIDEN;

/** `t` as float32, converted as its bytes are read. Exact for float16 and bfloat16; float64 is rounded. */
export function toFloat32(t: Tensor): Tensor {
  if (t.dtype === "float32") return t;
  const widen = WIDEN[t.dtype];
  if (!widen) throw new RangeError(`${t.dtype} cannot be read as float32`);
  const size = bytesPerElement(t.dtype);
  return lazyTensor(f32(...t.shape), async (start, end) => {
    const bytes = await t.read((start / 4) * size, (end / 4) * size);
    const out = new Float32Array((end - start) / 4);
    widen(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), out);
    return new Uint8Array(out.buffer);
  });
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

let halves: Float32Array | null = null;
/** The number of each of the 2^16 float16, made when it is first asked for: looking one up is some twenty times as fast as making it. */
const everyHalf = (): Float32Array => {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits));
  return halves;
};

/** The largest finite float16 is 65504 = 0x7bff. */
const LARGEST = 0x7bff;

/**
 * float32 `t` as float16, converted as its bytes are read: rounded to nearest, half to even. Finite numbers beyond 65504 become 65504 with their
 * sign, as no weight that was finite should make a network's output infinite or NaN; infinities and NaN stay.
 */
export function toFloat16(t: Tensor): Tensor {
  if (t.dtype !== "float32") throw new RangeError(`${t.dtype} cannot be read as float16`);
  const type = tensorType("float16", t.shape);
  if (t.data) return tensor(type.dtype, type.shape, narrow(t.data.slice()));
  return lazyTensor(type, async (start, end) => narrow(await t.read(start * 2, end * 2)));
}

/** float32 bytes as float16, in the front half of their own memory: each is written behind the one that is read next. */
function narrow(bytes: Uint8Array): Uint8Array {
  const floats = asFloat32(bytes);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < bits.length; i++) halves[i] = toHalf(bits[i] as number); // i < length, so there is a number
  return new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
}

const scratch = /* @__PURE__ */ new Float32Array(1);
const scratchBits = /* @__PURE__ */ new Uint32Array(scratch.buffer);

/** binary32 bits to binary16 bits, as `toFloat16` rounds. */
export function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00; // NaN
  if (magnitude === 0x7f80_0000) return sign | 0x7c00; // infinity
  if (magnitude >= 0x477f_f000) return sign | LARGEST; // 65520 and more, nearer to 65536
  if (magnitude < 0x3880_0000) return sign | subnormalHalf(magnitude); // below 2^-14
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x3800_0000 + 0x0fff + odd) >>> 13); // exponent bias 127 to 15, 13 fraction bits rounded away
}

/** Floats in [1/2, 1) are 2^-24 apart, as subnormal halves are: adding 1/2 rounds the number to its place among them. */
function subnormalHalf(magnitude: number): number {
  scratchBits[0] = magnitude;
  scratch[0] = (scratch[0] as number) + 0.5;
  return (scratchBits[0] as number) - 0x3f00_0000; // the bits of 1/2
}
