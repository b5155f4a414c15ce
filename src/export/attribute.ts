import type { Attribute, AttributeKind, Attributes, SparseTensor, Text } from "../graph/attribute.js";
import { UserError } from "../graph/error.js";
import type { Graph } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { keep, keptOf } from "./kept.js";
import type { AttributeMessage, GraphMessage, SparseTensorMessage, TensorMessage } from "./proto.js";
import { readSparse, sparseMessage } from "./sparse.js";
import { readType, typeMessage } from "./type.js";
import { fromUtf8, toUtf8 } from "./utf8.js";

/** onnx.proto, AttributeProto.AttributeType. */
const NUMBERS = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparse: 11,
  sparses: 12,
  type: 13,
  types: 14,
} as const satisfies Readonly<Record<AttributeKind, number>>;
const KINDS = /* @__PURE__ */ Object.keys(NUMBERS) as readonly AttributeKind[]; // its keys are the kinds

/** How the tensors and graphs inside attributes are read; `what` names them in errors. */
export interface PartReader {
  tensor(m: TensorMessage, what: string): Promise<Tensor>;
  graph(m: GraphMessage): Promise<Graph>;
}
/** How they are written. */
export interface PartWriter {
  tensor(t: Tensor): TensorMessage;
  graph(g: Graph): GraphMessage;
}

/** The attributes of one node, by name; `node` names it in errors. */
export async function readAttributes(
  list: readonly AttributeMessage[],
  node: string,
  parts: PartReader,
): Promise<Attributes> {
  const found = new Map<string, Attribute>();
  for (const a of list) {
    const name = a.name ?? "";
    const what = `the attribute '${name}' of ${node}`;
    if (found.has(name)) throw new UserError(`${what} is there twice`);
    found.set(name, keep(await readAttribute(a, what, parts), a.unknown));
  }
  return Object.fromEntries(found);
}

async function readAttribute(a: AttributeMessage, what: string, parts: PartReader): Promise<Attribute> {
  const kind = kindOf(a, what);
  if (a.ref_attr_name) return { kind: "reference", to: a.ref_attr_name, of: kind };
  const tensor = (m: TensorMessage): Promise<Tensor> => parts.tensor(m, what);
  const sparse = (m: SparseTensorMessage): Promise<SparseTensor> => readSparse(m, parts.tensor, what);
  switch (kind) {
    case "float":
      return { kind, value: a.f ?? 0 };
    case "int":
      return { kind, value: a.i ?? 0 };
    case "string":
      return { kind, value: readText(a.s ?? new Uint8Array()) };
    case "tensor":
      return { kind, value: await tensor(a.t ?? {}) };
    case "graph":
      return { kind, value: await parts.graph(a.g ?? {}) };
    case "sparse":
      return { kind, value: await sparse(a.sparse_tensor ?? {}) };
    case "type":
      return { kind, value: readType(a.tp) };
    case "floats":
      return { kind, value: a.floats ?? [] };
    case "ints":
      return { kind, value: a.ints ?? [] };
    case "strings":
      return { kind, value: (a.strings ?? []).map(readText) };
    case "tensors":
      return { kind, value: await inTurn(a.tensors ?? [], tensor) };
    case "graphs":
      return { kind, value: await inTurn(a.graphs ?? [], parts.graph) };
    case "sparses":
      return { kind, value: await inTurn(a.sparse_tensors ?? [], sparse) };
    case "types":
      return { kind, value: (a.type_protos ?? []).map(readType) };
  }
}

function kindOf(a: AttributeMessage, what: string): AttributeKind {
  const number = Number(a.type ?? 0);
  const kind = number ? KINDS.find((k) => NUMBERS[k] === number) : guessKind(a);
  if (!kind) throw new UserError(`${what} is of kind ${number}, which this version does not know`);
  return kind;
}

/** Files of IR version 1 do not say the kind. */
function guessKind(a: AttributeMessage): AttributeKind {
  const given: readonly (readonly [unknown, AttributeKind])[] = [
    [a.f, "float"],
    [a.i, "int"],
    [a.s, "string"],
    [a.t, "tensor"],
    [a.g, "graph"],
    [a.floats, "floats"],
    [a.ints, "ints"],
    [a.strings, "strings"],
    [a.tensors, "tensors"],
    [a.graphs, "graphs"],
  ];
  return given.find(([value]) => value !== undefined)?.[1] ?? "ints";
}

export function attributeMessage(name: string, a: Attribute, parts: PartWriter): AttributeMessage {
  const unknown = [...keptOf(a)];
  if (a.kind === "reference") return { name, type: NUMBERS[a.of], ref_attr_name: a.to, unknown };
  return { name, ...valueField(a, parts), type: NUMBERS[a.kind], unknown };
}

function valueField(a: Exclude<Attribute, { kind: "reference" }>, parts: PartWriter): AttributeMessage {
  switch (a.kind) {
    case "float":
      return { f: a.value };
    case "int":
      return { i: a.value };
    case "string":
      return { s: textBytes(a.value) };
    case "tensor":
      return { t: parts.tensor(a.value) };
    case "graph":
      return { g: parts.graph(a.value) };
    case "sparse":
      return { sparse_tensor: sparseMessage(a.value) };
    case "type":
      return { tp: typeMessage(a.value) };
    case "floats":
      return { floats: [...a.value] };
    case "ints":
      return { ints: [...a.value] };
    case "strings":
      return { strings: a.value.map(textBytes) };
    case "tensors":
      return { tensors: a.value.map(parts.tensor) };
    case "graphs":
      return { graphs: a.value.map(parts.graph) };
    case "sparses":
      return { sparse_tensors: a.value.map((t) => sparseMessage(t)) };
    case "types":
      return { type_protos: a.value.map(typeMessage) };
  }
}

const readText = (bytes: Uint8Array): Text => fromUtf8(bytes) ?? bytes;
const textBytes = (t: Text): Uint8Array => (typeof t === "string" ? toUtf8(t) : t);

async function inTurn<A, B>(list: readonly A[], f: (a: A) => Promise<B>): Promise<B[]> {
  const out: B[] = [];
  for (const a of list) out.push(await f(a));
  return out;
}
