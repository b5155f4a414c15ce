import { BITS, type DType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";
import { byteLength, lazyTensor, once, type Ranged, SMALL_BYTES, type Tensor, tensor } from "../graph/tensor.js";
import { type ConcreteType, elements, show, tensorType } from "../graph/type.js";
import { dtypeOf } from "./dtype.js";
import type { Payload, TensorMessage } from "./proto.js";
import { range } from "./wire.js";

/** Opens a file that tensors live in, by the name that the model gives it. */
export type OpenExternal = (location: string) => Promise<Ranged>;

/** The tensor of a TensorProto: its type is checked against the bytes that are there; only small ones are read. */
export async function readTensor(message: TensorMessage, openExternal: OpenExternal, what = `the tensor '${message.name ?? ""}'`): Promise<Tensor> {
  const shape = (message.dims ?? []).map(Number);
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0)) throw new UserError(`${what} has the shape [${shape.join(",")}]`);
  const type = tensorType(dtypeOf(message.data_type, what), shape);
  if (type.dtype === "string") return strings(type, message.string_data ?? [], what);
  const payload = Number(message.data_location ?? 0) === 1 ? await external(message, type, openExternal, what) : message.raw_data;
  if (payload) return fromRaw(type, payload, what);
  return fromTyped(type, message, what);
}

async function fromRaw(type: ConcreteType, payload: Payload, what: string): Promise<Tensor> {
  const wanted = byteLength(type);
  if (payload.byteLength !== wanted) throw new UserError(`${what} is ${show(type)}, which takes ${wanted} bytes, but ${payload.byteLength} are there`);
  if (payload instanceof Uint8Array) return tensor(type.dtype, type.shape, payload);
  if (wanted <= SMALL_BYTES) return tensor(type.dtype, type.shape, await payload.read(0, wanted));
  return lazyTensor(type, payload.read);
}

async function external(message: TensorMessage, type: ConcreteType, openExternal: OpenExternal, what: string): Promise<Ranged> {
  const place = new Map(message.external_data?.map(({ key, value }) => [key, value]));
  const location = place.get("location");
  if (!location) throw new UserError(`${what} lives in another file, but the model does not say which`);
  const file = await openExternal(location);
  const offset = Number(place.get("offset") ?? 0);
  const length = Number(place.get("length") ?? byteLength(type));
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + length > file.byteLength)
    throw new UserError(`${what} takes bytes ${offset} to ${offset + length} of '${location}', which has ${file.byteLength}`);
  return range(file, offset, offset + length);
}

/** Values in one of the typed fields, as small files and old exporters have them. */
async function fromTyped(type: ConcreteType, m: TensorMessage, what: string): Promise<Tensor> {
  const blocks = typedBlocks(type, m);
  const fixed = FIXED.has(type.dtype);
  const wanted = byteLength(type);
  const stored = blocks.reduce((n, b) => n + b.byteLength, 0);
  if (fixed ? stored !== wanted : stored < varintsOf(type)) throw new UserError(`${what} is ${show(type)}, but only ${stored} bytes of values are there`);
  const [first] = blocks;
  if (fixed && first && blocks.length === 1) return fromRaw(type, first, what);
  const convert = async (): Promise<Uint8Array> => (fixed ? await join(blocks) : fromVarints(await join(blocks), type, what));
  if (wanted <= SMALL_BYTES) return tensor(type.dtype, type.shape, await convert());
  const all = once(convert);
  return lazyTensor(type, async (start, end) => (await all()).slice(start, end));
}

/** Types whose typed field holds them as they are in raw data. */
const FIXED: ReadonlySet<DType> = new Set<DType>(["float32", "complex64", "float64", "complex128"]);

function typedBlocks({ dtype }: ConcreteType, m: TensorMessage): readonly Payload[] {
  if (dtype === "float32" || dtype === "complex64") return m.float_data ?? [];
  if (dtype === "float64" || dtype === "complex128") return m.double_data ?? [];
  if (dtype === "int64") return m.int64_data ?? [];
  return (dtype === "uint32" || dtype === "uint64" ? m.uint64_data : m.int32_data) ?? [];
}

/** How many varints spell the tensor: one an element, or one a byte where elements share bytes. */
const varintsOf = (type: ConcreteType): number => ((BITS[type.dtype] ?? 8) < 8 ? byteLength(type) : elements(type.shape));

function fromVarints(bytes: Uint8Array, type: ConcreteType, what: string): Uint8Array {
  const out = new Uint8Array(byteLength(type));
  const count = varintsOf(type);
  const size = count ? out.length / count : 1;
  let at = 0;
  for (let i = 0; i < count; i++) {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new UserError(`${what} is ${show(type)}, but has only ${i} values`);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    for (let b = 0; b < size; b++) out[i * size + b] = Number((value >> BigInt(8 * b)) & 255n);
  }
  if (at !== bytes.length) throw new UserError(`${what} is ${show(type)}, but has more values than that`);
  return out;
}

async function join(blocks: readonly Payload[]): Promise<Uint8Array> {
  const out = new Uint8Array(blocks.reduce((n, b) => n + b.byteLength, 0));
  let at = 0;
  for (const block of blocks) {
    out.set(block instanceof Uint8Array ? block : await block.read(0, block.byteLength), at);
    at += block.byteLength;
  }
  return out;
}

/** String elements, each as a 4-byte length and its bytes. */
function strings(type: ConcreteType, data: readonly Uint8Array[], what: string): Tensor {
  if (data.length !== elements(type.shape)) throw new UserError(`${what} is ${show(type)}, but has ${data.length} strings`);
  const out = new Uint8Array(data.reduce((n, s) => n + 4 + s.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const s of data) {
    view.setUint32(at, s.length, true);
    out.set(s, at + 4);
    at += 4 + s.length;
  }
  return tensor(type.dtype, type.shape, out);
}
