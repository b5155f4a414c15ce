import type { DType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";
import { elements } from "../graph/type.js";
import type { HostArray, HostTensor } from "./session.js";

/** NumPy's .npy format, version 1.0 to 3.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
const MAGIC = "\x93NUMPY";

const KINDS: readonly (readonly [descr: string, dtype: DType, make: (buffer: ArrayBuffer) => HostArray])[] = [
  ["<f4", "float32", (b) => new Float32Array(b)],
  ["<f8", "float64", (b) => new Float64Array(b)],
  ["<f2", "float16", (b) => new Uint16Array(b)],
  ["|u1", "uint8", (b) => new Uint8Array(b)],
  ["|i1", "int8", (b) => new Int8Array(b)],
  ["|b1", "bool", (b) => new Uint8Array(b)],
  ["<u2", "uint16", (b) => new Uint16Array(b)],
  ["<i2", "int16", (b) => new Int16Array(b)],
  ["<u4", "uint32", (b) => new Uint32Array(b)],
  ["<i4", "int32", (b) => new Int32Array(b)],
  ["<u8", "uint64", (b) => new BigUint64Array(b)],
  ["<i8", "int64", (b) => new BigInt64Array(b)],
];

/** The array of a .npy file: little-endian numbers in C order. `name` is what errors call it. */
export function decodeNpy(bytes: Uint8Array, name: string): HostTensor {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, Math.min(bytes.length, 65_536)));
  if (!text.startsWith(MAGIC) || bytes.length < 12)
    throw new UserError(`${name} is no .npy file: it does not start with ${JSON.stringify(MAGIC)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = (bytes[6] ?? 1) === 1 ? 10 : 12;
  const end = start + (start === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length)
    throw new UserError(`${name} announces a header up to byte ${end}, but has ${bytes.length} bytes`);
  const header = text.slice(start, end);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "";
  const dims = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const kind = KINDS.find(([d]) => d === descr);
  if (!kind || dims === undefined)
    throw new UserError(`${name} holds '${descr}', which is not one of ${KINDS.map(([d]) => d).join(", ")}`);
  if (/'fortran_order':\s*True/.test(header))
    throw new UserError(`${name} is in Fortran order: save it with numpy.ascontiguousarray`);
  const lengths = dims.split(",").filter((d) => d.trim());
  if (!lengths.every((d) => /^\s*\d+\s*$/.test(d))) throw new UserError(`${name} has the shape (${dims})`);
  const shape = lengths.map(Number);
  const data = kind[2](new ArrayBuffer(0));
  const wanted = elements(shape) * data.BYTES_PER_ELEMENT;
  if (bytes.length - end !== wanted)
    throw new UserError(
      `${name} is ${kind[1]}[${shape.join(",")}], which takes ${wanted} bytes, but ${bytes.length - end} follow its header`,
    );
  return { dtype: kind[1], shape, data: kind[2](Uint8Array.from(bytes.subarray(end)).buffer) };
}

/** The bytes of a .npy file of version 1.0. */
export function encodeNpy({ dtype, shape, data }: HostTensor): Uint8Array {
  const descr = KINDS.find(([, d]) => d === dtype)?.[0];
  if (!descr) throw new UserError(`NumPy has no element type for ${dtype}`);
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + header.length + data.byteLength);
  out.set(Array.from(MAGIC, (c) => c.charCodeAt(0)));
  out.set([1, 0, header.length & 255, header.length >> 8], 6);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return out;
}
