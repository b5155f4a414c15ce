import type { DType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";

/** NumPy's .npy format, version 1.0 to 3.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
const MAGIC = "\x93NUMPY";
/** Its header is far shorter, unless it describes a record. */
const LONGEST = 65_536;

/** Element types by their letter and size; a sign for the byte order stands before them. */
const DTYPES: ReadonlyMap<string, DType> = /* @__PURE__ */ new Map<string, DType>([
  ["f4", "float32"],
  ["f8", "float64"],
  ["f2", "float16"],
  ["u1", "uint8"],
  ["i1", "int8"],
  ["b1", "bool"],
  ["u2", "uint16"],
  ["i2", "int16"],
  ["u4", "uint32"],
  ["i4", "int32"],
  ["u8", "uint64"],
  ["i8", "int64"],
  ["c8", "complex64"],
  ["c16", "complex128"],
]);

/** What a .npy file says of its array. */
export interface NpyHeader {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bigEndian: boolean;
  /** Whether the first axis is the one that lies together. */
  readonly fortranOrder: boolean;
  /** Where the numbers start. */
  readonly start: number;
}

/** Bytes of a file that `readNpyHeader` needs at most. */
export const NPY_HEADER_BYTES = LONGEST;

/** The header of a .npy file, of which `bytes` are the front and `length` the size; `name` is what errors call it. */
export function readNpyHeader(bytes: Uint8Array, length: number, name: string): NpyHeader {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, LONGEST));
  if (!text.startsWith(MAGIC) || bytes.length < 12)
    throw new UserError(`${name} is no .npy file: it does not start with ${JSON.stringify(MAGIC)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = (bytes[6] ?? 1) === 1 ? 10 : 12;
  const start = from + (from === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > length) throw new UserError(`${name} announces a header up to byte ${start}, but has ${length} bytes`);
  const header = text.slice(from, start);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "";
  const dims = /'shape':\s*\(([^)]{0,4096})\)/.exec(header)?.[1];
  const dtype = DTYPES.get(descr.slice(1));
  if (!dtype || !/^[<>|]/.test(descr) || dims === undefined)
    throw new UserError(`${name} holds '${descr}', which is not one of ${[...DTYPES.keys()].join(", ")}`);
  const lengths = dims.split(",").filter((d) => d.trim());
  if (!lengths.every((d) => /^\s*\d+\s*$/.test(d))) throw new UserError(`${name} has the shape (${dims})`);
  const fortranOrder = /'fortran_order':\s*True/.test(header);
  return { dtype, shape: lengths.map(Number), bigEndian: descr.startsWith(">"), fortranOrder, start };
}

/** The front of a .npy file of version 1.0 with little-endian numbers in C order. */
export function npyHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  const code = [...DTYPES].find(([, d]) => d === dtype)?.[0];
  if (!code) throw new UserError(`NumPy has no element type for ${dtype}`);
  const descr = `${code.endsWith("1") ? "|" : "<"}${code}`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const sizes = String.fromCharCode(1, 0, header.length & 255, header.length >> 8);
  return Uint8Array.from(MAGIC + sizes + header, (c) => c.charCodeAt(0));
}
