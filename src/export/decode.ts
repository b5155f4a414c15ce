import type { Attribute, AttributeKind, Attributes, SparseTensor, Text } from "../graph/attribute.js";
import { UserError } from "../graph/error.js";
import { Graph, type Node, type Value } from "../graph/graph.js";
import { float32s, int64s, type Ranged, type Tensor } from "../graph/tensor.js";
import { ATTRIBUTE_TYPES } from "./attribute-type.js";
import { dtypeOf } from "./dtype.js";

import type {
  AttributeMessage,
  FunctionMessage,
  GraphMessage,
  ModelMessage,
  NodeMessage,
  OperatorSetMessage,
  SparseTensorMessage,
  TensorMessage,
  ValueInfoMessage,
} from "./proto.js";
import { ModelProto } from "./schema.js";
import { inOrder } from "./order.js";
import { type OpenExternal, readTensor } from "./tensor.js";
import { readType } from "./type.js";
import { readMessage } from "./wire.js";

export interface DecodeOptions {
  /** Opens a file that holds tensors; the name is the model's own and not to be trusted. Unless given, such models are refused. */
  readonly openExternal?: OpenExternal;
}

/**
 * The graph of an .onnx file, ours or not. Tensors over 64 KiB stay where they are and are read by range, so `source` must outlive the graph.
 * Constant nodes become constants. Throws a UserError that names the place when the file is no ONNX model.
 */
export async function decode(source: Uint8Array | Ranged, { openExternal = refuse }: DecodeOptions = {}): Promise<Graph> {
  const ranged = source instanceof Uint8Array ? inMemory(source) : source;
  const model: ModelMessage = await readMessage(ModelProto, ranged); // its fields have the types that the schema gives them
  if (!model.graph) throw new UserError("this is no ONNX model: it has no graph");
  const irVersion = Number(model.ir_version ?? 0);
  const graph = new Graph(model.graph.name ?? "", { opset: 1 });
  importOpsets(graph, model.opset_import ?? []);
  Object.assign(graph.model, {
    irVersion,
    producerName: model.producer_name ?? "",
    producerVersion: model.producer_version ?? "",
    domain: model.domain ?? "",
    modelVersion: model.model_version ?? 0,
    docString: model.doc_string ?? "",
    kept: model.unknown ?? [],
  });
  for (const { key = "", value = "" } of model.metadata_props ?? []) graph.metadata.set(key, value);
  for (const f of model.functions ?? []) graph.functions.push(await readFunction(f, { openExternal, irVersion }));
  await fillGraph(graph, model.graph, new Map(), { openExternal, irVersion });
  return graph;
}

function inMemory({ buffer, byteOffset, byteLength }: Uint8Array): Ranged {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength); // a Node Buffer's own slice would not copy
  return { byteLength, read: async (start, end) => bytes.slice(start, end) };
}
const refuse: OpenExternal = async (location) => {
  throw new UserError(`the model keeps tensors in '${location}', which cannot be opened from here`);
};

/** What one run of the decoder knows. */
interface Context {
  readonly openExternal: OpenExternal;
  readonly irVersion: number;
}
/** Values by name, inner graphs' over outer ones'. */
type Visible = Map<string, Value>;

function importOpsets(graph: Graph, imports: readonly OperatorSetMessage[]): void {
  graph.opsets.clear();
  for (const { domain = "", version = 1 } of imports) graph.opsets.set(ownDomain(domain), Number(version));
}
/** "ai.onnx" is another spelling of "". */
const ownDomain = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

async function fillGraph(graph: Graph, message: GraphMessage, outer: Visible, context: Context): Promise<void> {
  const visible: Visible = new Map(outer);
  const own = new Set<string>();
  const declare = (name: string, value: Value): void => {
    if (own.has(name)) throw new UserError(`two values of the graph '${graph.name}' have the name '${name}'`);
    own.add(name);
    visible.set(name, value);
  };
  const initializers = new Map((message.initializer ?? []).map((t) => [t.name ?? "", t]));
  for (const info of message.input ?? []) {
    const name = info.name ?? "";
    if (context.irVersion < 4 && initializers.has(name)) continue; // listed as an input only because old versions ask for it
    const value = graph.input(name, readType(info.type), info.unknown);
    declare(name, value);
    const initial = initializers.get(name);
    if (initial) graph.defaults.set(value, await readTensor(initial, context.openExternal));
  }
  for (const [name, t] of initializers) {
    if (own.has(name)) continue;
    declare(name, graph.constant(name, await readTensor(t, context.openExternal), t.unknown));
  }
  for (const t of message.sparse_initializer ?? []) {
    const name = t.values?.name ?? "";
    declare(name, graph.sparseConstant(name, await readSparse(t, context)));
  }
  graph.kept = message.unknown ?? [];
  const outputs = new Set((message.output ?? []).map((o) => o.name ?? ""));
  const infos = new Map([...(message.value_info ?? []), ...(message.output ?? [])].map((info) => [info.name ?? "", info]));
  const liftable = context.irVersion >= 4 || !graph.parent;
  for (const node of inOrder(message.node ?? [], new Set(visible.keys()))) {
    const constant = liftable ? await constantOf(node, context) : null;
    const name = node.output?.[0] ?? "";
    if (constant && !outputs.has(name)) declare(name, graph.constant(name, constant));
    else await addNode(graph, node, infos, visible, declare, context);
  }
  for (const { name = "" } of message.output ?? []) {
    const value = visible.get(name);
    if (!value) throw new UserError(`the output '${name}' of the graph '${graph.name}' is made by no node`);
    graph.output(value);
  }
}

async function addNode(graph: Graph, m: NodeMessage, infos: ReadonlyMap<string, ValueInfoMessage>, visible: Visible, declare: (name: string, value: Value) => void, context: Context): Promise<Node> {
  const inputs = (m.input ?? []).map((name) => {
    if (!name) return null;
    const value = visible.get(name);
    if (!value) throw new UserError(`${m.op_type ?? "a node"} '${m.name ?? ""}' reads '${name}', which nothing makes`);
    return value;
  });
  const node = graph.add({
    op: m.op_type ?? "",
    domain: ownDomain(m.domain ?? ""),
    name: m.name ?? "",
    inputs,
    outputs: (m.output ?? []).map((name) => ({ name, type: readType(infos.get(name)?.type), kept: infos.get(name)?.unknown ?? [] })),
    attributes: await readAttributes(m.attribute ?? [], graph, visible, context),
    metadata: new Map((m.metadata_props ?? []).map(({ key = "", value = "" }) => [key, value])),
    kept: m.unknown ?? [],
  });
  for (const v of node.outputs) if (v.name) declare(v.name, v);
  return node;
}

async function readFunction(m: FunctionMessage, context: Context): Promise<Graph["functions"][number]> {
  const body = new Graph(m.name ?? "");
  importOpsets(body, m.opset_import ?? []);
  const visible: Visible = new Map();
  for (const name of m.input ?? []) visible.set(name, body.input(name, null));
  for (const node of inOrder(m.node ?? [], new Set(visible.keys()))) await addNode(body, node, new Map(), visible, (name, v) => visible.set(name, v), context);
  for (const name of m.output ?? []) {
    const value = visible.get(name);
    if (!value) throw new UserError(`the output '${name}' of the function '${m.name ?? ""}' is made by no node`);
    body.output(value);
  }
  return { domain: m.domain ?? "", name: m.name ?? "", body, kept: m.unknown ?? [] };
}

/** The tensor of a Constant node; null for other nodes, and for what no dense tensor holds. */
async function constantOf(node: NodeMessage, context: Context): Promise<Tensor | null> {
  const [a] = node.attribute ?? [];
  if (node.op_type !== "Constant" || ownDomain(node.domain ?? "") || node.attribute?.length !== 1 || !a || a.ref_attr_name) return null;
  if (a.name === "value" && a.t) return readTensor(a.t, context.openExternal, `the constant '${node.output?.[0] ?? ""}'`);
  if (a.name === "value_float") return float32s([a.f ?? 0], []);
  if (a.name === "value_floats") return float32s(a.floats ?? []);
  if (a.name === "value_int" && typeof (a.i ?? 0) === "number") return int64s([Number(a.i ?? 0)], []);
  if (a.name === "value_ints" && (a.ints ?? []).every((i) => typeof i === "number")) return int64s((a.ints ?? []).map(Number));
  return null;
}

async function readAttributes(list: readonly AttributeMessage[], graph: Graph, visible: Visible, context: Context): Promise<Attributes> {
  const out: Record<string, Attribute> = {};
  for (const a of list) out[a.name ?? ""] = await readAttribute(a, graph, visible, context);
  return out;
}

const KINDS = new Map<number, AttributeKind>(Object.entries(ATTRIBUTE_TYPES).map(([kind, number]) => [number, kind as AttributeKind])); // its keys are the kinds

async function readAttribute(a: AttributeMessage, graph: Graph, visible: Visible, context: Context): Promise<Attribute> {
  const kind = KINDS.get(Number(a.type ?? 0)) ?? guessKind(a);
  if (a.ref_attr_name) return { kind: "reference", to: a.ref_attr_name, of: kind };
  const tensor = (t: TensorMessage): Promise<Tensor> => readTensor(t, context.openExternal, `the tensor in the attribute '${a.name ?? ""}'`);
  const inner = async (m: GraphMessage): Promise<Graph> => {
    const body = new Graph(m.name ?? "", { parent: graph });
    await fillGraph(body, m, visible, context);
    return body;
  };
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
      return { kind, value: await inner(a.g ?? {}) };
    case "sparse":
      return { kind, value: await readSparse(a.sparse_tensor ?? {}, context) };
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
      return { kind, value: await inTurn(a.graphs ?? [], inner) };
    case "sparses":
      return { kind, value: await inTurn(a.sparse_tensors ?? [], (t) => readSparse(t, context)) };
    case "types":
      return { kind, value: (a.type_protos ?? []).map(readType) };
  }
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

async function readSparse(m: SparseTensorMessage, { openExternal }: Context): Promise<SparseTensor> {
  const values = await readTensor(m.values ?? {}, openExternal);
  const indices = await readTensor(m.indices ?? {}, openExternal);
  return { dtype: dtypeOf(m.values?.data_type, "a sparse tensor"), shape: (m.dims ?? []).map(Number), values, indices };
}

async function inTurn<A, B>(list: readonly A[], f: (a: A) => Promise<B>): Promise<B[]> {
  const out: B[] = [];
  for (const a of list) out.push(await f(a));
  return out;
}

function readText(bytes: Uint8Array): Text {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
