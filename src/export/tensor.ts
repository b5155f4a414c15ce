import { dataType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";
import { byteLength, lazyTensor, type Ranged, range, SMALL_BYTES, type Tensor, tensor } from "../graph/tensor.js";
import { type ConcreteType, elements, show, tensorType } from "../graph/type.js";
import { dtypeOf } from "./dtype.js";
import type { ExternalPlan } from "./external.js";
import { keep, keptOf } from "./kept.js";
import type { Payload, StringStringEntry, TensorMessage } from "./proto.js";
import { typedTensor } from "./typed-data.js";

/** Opens a file that tensors live in, by the name that the model gives it. */
export type OpenExternal = (location: string) => Promise<Ranged>;

/** Names of tensors inside attributes, which mean nothing to the graph. */
const names = /* @__PURE__ */ new WeakMap<Tensor, string>();

/** The tensor of a TensorProto: its type is checked against the bytes that are there; only small ones are read. */
export async function readTensor(
  message: TensorMessage,
  openExternal: OpenExternal,
  what = `the tensor '${message.name ?? ""}'`,
): Promise<Tensor> {
  const shape = (message.dims ?? []).map(Number);
  if (!isShape(shape)) throw new UserError(`${what} has the shape [${shape.join(",")}]`);
  const type = tensorType(dtypeOf(message.data_type, what), shape);
  const read = await readValues(type, message, openExternal, what);
  if (message.name) names.set(read, message.name);
  return keep(read, message.unknown);
}
const isShape = (shape: readonly number[]): boolean =>
  shape.every((d) => Number.isSafeInteger(d) && d >= 0) && Number.isSafeInteger(elements(shape) * 16);

async function readValues(
  type: ConcreteType,
  m: TensorMessage,
  openExternal: OpenExternal,
  what: string,
): Promise<Tensor> {
  if (type.dtype === "string") return stringTensor(type, m.string_data ?? [], what);
  const payload = Number(m.data_location ?? 0) === 1 ? await external(m, type, openExternal, what) : m.raw_data;
  return payload?.byteLength ? fromRaw(type, payload, what) : typedTensor(type, m, what);
}

async function fromRaw(type: ConcreteType, payload: Payload, what: string): Promise<Tensor> {
  const wanted = byteLength(type);
  if (payload.byteLength !== wanted)
    throw new UserError(`${what} is ${show(type)}, which takes ${wanted} bytes, but ${payload.byteLength} are there`);
  if (payload instanceof Uint8Array) return tensor(type.dtype, type.shape, payload);
  if (wanted <= SMALL_BYTES) return tensor(type.dtype, type.shape, await payload.read(0, wanted));
  return lazyTensor(type, payload.read);
}

async function external(
  message: TensorMessage,
  type: ConcreteType,
  openExternal: OpenExternal,
  what: string,
): Promise<Ranged> {
  const place = new Map(message.external_data?.map(({ key = "", value = "" }) => [key, value]));
  const location = place.get("location");
  if (!location) throw new UserError(`${what} lives in another file, but the model does not say which`);
  const [offset, length] = [place.get("offset") ?? "0", place.get("length") ?? `${byteLength(type)}`];
  if (!/^\d+$/.test(offset) || !/^\d+$/.test(length))
    throw new UserError(
      `${what} is said to take '${length}' bytes of '${location}' from byte '${offset}' on, which are no numbers`,
    );
  const file = await openExternal(location);
  const end = Number(offset) + Number(length);
  if (end > file.byteLength)
    throw new UserError(`${what} takes bytes ${offset} to ${end} of '${location}', which has ${file.byteLength}`);
  return range(file, Number(offset), end);
}

/** String elements, each as a 4-byte length and its bytes. */
export function stringTensor(type: ConcreteType, data: readonly Uint8Array[], what: string): Tensor {
  if (data.length !== elements(type.shape))
    throw new UserError(`${what} is ${show(type)}, but has ${data.length} strings`);
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
function splitStrings({ data }: Tensor): Uint8Array[] {
  const out: Uint8Array[] = [];
  if (!data) return out;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length; ) {
    const length = view.getUint32(at, true);
    out.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return out;
}

/** Where long tensors live: the file's name, beside the .onnx file, and the plan it was written by. */
export interface ExternalData {
  readonly location: string;
  readonly plan: ExternalPlan;
}

/** `t` as a TensorProto: its bytes, or where in the external data they are. */
export function tensorMessage(t: Tensor, external: ExternalData | undefined, name = names.get(t) ?? ""): TensorMessage {
  const head = { dims: [...t.shape], data_type: dataType(t.dtype), ...(name ? { name } : {}), unknown: [...keptOf(t)] };
  if (t.dtype === "string") return { ...head, string_data: splitStrings(t) };
  const offset = external?.plan.offsets.get(t);
  if (!external || offset === undefined) return { ...head, raw_data: t.data ?? t };
  const place: StringStringEntry[] = [
    { key: "location", value: external.location },
    { key: "offset", value: `${offset}` },
    { key: "length", value: `${t.byteLength}` },
  ];
  return { ...head, external_data: place, data_location: 1 };
}
