import type { DType } from "../../graph/dtype.js";
import type { WeightSource } from "../../graph/bind.js";
import { UserError } from "../../graph/error.js";
import { byteLength, lazyTensor, type Ranged, SMALL_BYTES, type Tensor, tensor } from "../../graph/tensor.js";
import { type ConcreteType, show, tensorType } from "../../graph/type.js";

/** The format's own names (https://github.com/huggingface/safetensors). */
const DTYPES: Readonly<Record<string, DType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};
/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** The tensors of a .safetensors file, read by range. Throws a UserError that names the byte or the key at fault. */
export async function readSafetensors(file: Ranged, name: string): Promise<WeightSource> {
  if (file.byteLength < 8) throw new UserError(`${name} is no safetensors file: it has ${file.byteLength} bytes, and 8 are the least`);
  const prefix = await file.read(0, 8);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  const start = 8 + Number(length);
  if (length > BigInt(MAX_HEADER_BYTES) || start > file.byteLength)
    throw new UserError(`${name} is no safetensors file: bytes 0 to 8 announce a header of ${length} bytes, but ${file.byteLength - 8} follow`);
  const header = parseHeader(await file.read(8, start), name);
  const tensors = new Map<string, Tensor>();
  const taken: { readonly from: number; readonly to: number; readonly key: string }[] = [];
  for (const [key, entry] of Object.entries(header)) {
    if (key === "__metadata__") continue;
    const { type, from, to } = readEntry(key, entry, file.byteLength - start, name);
    if (to > from) taken.push({ from, to, key });
    const read = (a: number, b: number): Promise<Uint8Array> => file.read(start + from + a, start + from + b);
    tensors.set(key, to - from <= SMALL_BYTES ? tensor(type.dtype, type.shape, await read(0, to - from)) : lazyTensor(type, read));
  }
  taken.sort((a, b) => a.from - b.from);
  for (const [i, { from, key }] of taken.entries()) {
    const before = taken[i - 1];
    if (before && before.to > from) throw new UserError(`${name}: '${key}' starts at byte ${from}, inside '${before.key}', which ends at ${before.to}`);
  }
  return { name, tensors };
}

function parseHeader(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch {}
  throw new UserError(`${name} is no safetensors file: the header at byte 8 is not a JSON object`);
}
const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> => typeof v === "object" && v !== null && !Array.isArray(v);

interface Entry {
  readonly type: ConcreteType;
  readonly from: number;
  readonly to: number;
}
function readEntry(key: string, entry: unknown, room: number, name: string): Entry {
  if (!isRecord(entry)) throw new UserError(`${name}: the header says nothing of '${key}' but ${JSON.stringify(entry)}`);
  const { dtype, shape, data_offsets } = entry;
  const known = typeof dtype === "string" ? DTYPES[dtype] : undefined;
  if (!known) throw new UserError(`${name}: '${key}' has the element type ${JSON.stringify(dtype)}, which is not one of ${Object.keys(DTYPES).join(", ")}`);
  if (!isLengths(shape)) throw new UserError(`${name}: '${key}' has the shape ${JSON.stringify(shape)}`);
  const [from, to] = isLengths(data_offsets) ? data_offsets : [];
  if (from === undefined || to === undefined || from > to || to > room)
    throw new UserError(`${name}: '${key}' takes bytes ${JSON.stringify(data_offsets)} of data, of which there are ${room}`);
  const type = tensorType(known, shape);
  if (byteLength(type) !== to - from) throw new UserError(`${name}: '${key}' is ${show(type)}, which takes ${byteLength(type)} bytes, but has ${to - from}`);
  return { type, from, to };
}
const isLengths = (v: unknown): v is readonly number[] => Array.isArray(v) && v.every((d) => Number.isSafeInteger(d) && d >= 0);
