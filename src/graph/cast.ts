import { bytesPerElement, type DType } from "./dtype.js";
import { lazyTensor, type Tensor } from "./tensor.js";
import { f32 } from "./type.js";

type Widen = (bytes: DataView, out: Float32Array) => void;

const each =
  (size: number, at: (view: DataView, offset: number) => number): Widen =>
  (view, out) => {
    for (let i = 0; i < out.length; i++) out[i] = at(view, i * size);
  };

const WIDEN: Partial<Record<DType, Widen>> = {
  float16: each(2, (v, o) => fromHalf(v.getUint16(o, true))),
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
