import type { WeightSource } from "../../graph/bind.js";
import type { DType } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { byteLength, lazyTensor, type Ranged, SMALL_BYTES, type Tensor, tensor } from "../../graph/tensor.js";
import { type ConcreteType, elements, show, tensorType } from "../../graph/type.js";
import { brief, isRecord, parseJson } from "./json.js";
import { isLengths, MOST } from "./limits.js";
import { quoted } from "./names.js";

/** The format's own names (https://github.com/huggingface/safetensors); its 6-bit types have no counterpart in ONNX. */
const DTYPES: ReadonlyMap<unknown, DType> = /* @__PURE__ */ new Map<unknown, DType>([
  ["F64", "float64"],
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F8_E4M3", "float8e4m3fn"],
  ["F8_E5M2", "float8e5m2"],
  ["F8_E8M0", "float8e8m0"],
  ["F4", "float4e2m1"],
  ["C64", "complex64"],
  ["I64", "int64"],
  ["I32", "int32"],
  ["I16", "int16"],
  ["I8", "int8"],
  ["U64", "uint64"],
  ["U32", "uint32"],
  ["U16", "uint16"],
  ["U8", "uint8"],
  ["BOOL", "bool"],
]);
/** The format's own limit is 100 MB, which as JSON may take gigabytes of memory: that of 65,536 tensors has 8 MB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** An object of tensors, which are objects that have lists. */
const LIMITS = { depth: 3, items: MOST + 1 };

/** The tensors of a .safetensors file, read by range. Throws a UserError that names the byte or the key at fault. */
export async function readSafetensors(file: Ranged, name: string): Promise<WeightSource> {
  const start = await dataStart(file, name);
  const header = parseHeader(await file.read(8, start), name);
  const entries: Entry[] = [];
  for (const [key, entry] of Object.entries(header))
    if (key !== "__metadata__") entries.push(readEntry(key, entry, file.byteLength - start, name));
  requireApart(entries, name);
  const short = await readShort(file, start, entries);
  const tensors = new Map<string, Tensor>();
  for (const { key, type, from } of entries) {
    const bytes = short.get(key);
    const read: Tensor["read"] = (a, b, into) => file.read(start + from + a, start + from + b, into);
    tensors.set(key, bytes ? tensor(type.dtype, type.shape, bytes) : lazyTensor(type, read));
  }
  return { name, tensors };
}

/** As much of neighbouring short tensors is read at once. */
const RUN_BYTES = 1024 * 1024;

/** The bytes of the tensors that are held in memory, by key. */
async function readShort(
  file: Ranged,
  start: number,
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const short = entries.filter(({ from, to }) => to - from <= SMALL_BYTES).sort((a, b) => a.from - b.from);
  const bytes = new Map<string, Uint8Array>();
  await Promise.all(
    runsOf(short).map(async (run) => {
      const from = run[0]?.from ?? 0;
      const whole = await file.read(start + from, start + (run.at(-1)?.to ?? from));
      for (const { key, ...at } of run) bytes.set(key, whole.slice(at.from - from, at.to - from));
    }),
  );
  return bytes;
}

/** Those that lie one behind the other. */
function runsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const runs: Entry[][] = [];
  let [run, start, end]: [Entry[], number, number] = [[], 0, -1];
  for (const entry of entries) {
    if (entry.from !== end || end - start >= RUN_BYTES) {
      [run, start] = [[], entry.from];
      runs.push(run);
    }
    run.push(entry);
    end = entry.to;
  }
  return runs;
}

/** Where the tensors' bytes start: behind the header, whose length is in the first 8 bytes. */
async function dataStart(file: Ranged, name: string): Promise<number> {
  if (file.byteLength < 8)
    throw new UserError(`${name} is no safetensors file: it has ${file.byteLength} bytes, and 8 are the least`);
  const prefix = await file.read(0, 8);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  const start = 8 + Number(length);
  if (length > BigInt(file.byteLength - 8))
    throw new UserError(
      `${name} is no safetensors file: bytes 0 to 8 announce a header of ${length} bytes, but ${file.byteLength - 8} follow; fetch it again if it was cut short`,
    );
  if (start - 8 > MAX_HEADER_BYTES)
    throw new UserError(
      `${name} has a header of ${length} bytes, as bytes 0 to 8 say, and ${MAX_HEADER_BYTES} are the most`,
    );
  return start;
}

function parseHeader(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  const header = parseUsual(bytes) ?? parseJson(bytes, LIMITS, name, 8);
  if (isRecord(header)) return header;
  throw new UserError(`${name} is no safetensors file: the header at byte 8 is not a JSON object`);
}

/** Headers as the format's own library spells them: no key or text has anything to unescape. */
const USUAL =
  /^\{(?:"__metadata__":\{"\w+":"\w*"\},?)?(?:"[^"\\]*":\{"dtype":"\w+","shape":\[[\d,]*\],"data_offsets":\[\d+,\d+\]\},?)*\} *$/;
const USUAL_BYTES = 1024 * 1024;

/** A usual header, told by one look instead of mark by mark; null for any other, and where a key stands twice. */
function parseUsual(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  if (bytes.length > USUAL_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!USUAL.test(text)) return null;
    const header: Readonly<Record<string, unknown>> = JSON.parse(text);
    const spelled = text.split('":{"').length - 1;
    return Object.keys(header).length === spelled ? header : null;
  } catch {
    return null;
  }
}

/** One tensor: its bytes are [from, to) of the data. */
interface Entry {
  readonly key: string;
  readonly type: ConcreteType;
  readonly from: number;
  readonly to: number;
}
function readEntry(key: string, entry: unknown, room: number, name: string): Entry {
  const refuse = (problem: string): UserError => new UserError(`${name}: ${quoted(key)} ${problem}`);
  if (!isRecord(entry)) throw refuse(`is described by ${brief(entry)}, which is no JSON object`);
  const dtype = DTYPES.get(entry.dtype);
  if (!dtype)
    throw refuse(`has the element type ${brief(entry.dtype)}, which is not one of ${[...DTYPES.keys()].join(", ")}`);
  const { shape, data_offsets: offsets } = entry;
  if (!isLengths(shape) || !Number.isSafeInteger(elements(shape) * 16)) throw refuse(`has the shape ${brief(shape)}`);
  const [from, to] = isLengths(offsets) && offsets.length === 2 ? offsets : [];
  if (from === undefined || to === undefined || from > to || to > room)
    throw refuse(
      `takes bytes ${brief(offsets)} of data, of which there are ${room}; fetch the file again if it was cut short`,
    );
  const type = tensorType(dtype, shape);
  if (byteLength(type) !== to - from)
    throw refuse(`is ${show(type)}, which takes ${byteLength(type)} bytes, but has ${to - from}`);
  return { key, type, from, to };
}

/** No byte may belong to two tensors; bytes of none are allowed. */
function requireApart(entries: readonly Entry[], name: string): void {
  const taken = entries.filter((e) => e.to > e.from).sort((a, b) => a.from - b.from);
  for (const [i, { from, key }] of taken.entries()) {
    const before = taken[i - 1];
    if (before && before.to > from)
      throw new UserError(
        `${name}: ${quoted(key)} starts at byte ${from}, inside ${quoted(before.key)}, which ends at ${before.to}`,
      );
  }
}
