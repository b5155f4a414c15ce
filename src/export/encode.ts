import type { Attribute, SparseTensor, Text } from "../graph/attribute.js";
import type { Graph, GraphFunction, Node, Value } from "../graph/graph.js";
import { type Names, nameAll } from "../graph/names.js";
import type { Tensor } from "../graph/tensor.js";
import type { Shape, Type } from "../graph/type.js";
import type { DType } from "../graph/dtype.js";
import { ATTRIBUTE_TYPES } from "./attribute-type.js";
import { numberOf } from "./dtype.js";
import type { ExternalPlan } from "./external.js";
import type { AttributeMessage, FunctionMessage, GraphMessage, ModelMessage, NodeMessage, OperatorSetMessage, SparseTensorMessage, StringStringEntry, TensorMessage, TypedShapeMessage, TypeMessage, ValueInfoMessage } from "./proto.js";
import { ModelProto } from "./schema.js";
import { irVersionOf } from "./versions.js";
import { bytesOf, encodeMessage } from "./wire.js";

export interface EncodeOptions {
  /** Where long tensors live instead: the file's name, beside the .onnx file, and the plan it was written by. */
  readonly external?: { readonly location: string; readonly plan: ExternalPlan };
  /** Chunks share two buffers: each holds until the one after the next is asked for. Saves memory where every chunk is used up at once. */
  readonly reuseChunks?: boolean;
}

/** The most that is read of one tensor at a time. */
export const CHUNK = 256 * 1024;

/** The .onnx file of `graph`, in order, with no more than one chunk of one tensor in memory. Equal graphs give equal bytes. */
export const encode = (graph: Graph, options: EncodeOptions = {}): AsyncGenerator<Uint8Array> => bytesOf(encodeMessage(ModelProto, model(graph, options)), CHUNK, options.reuseChunks);

/** As `encode`, in one piece. */
export async function encodeToBytes(graph: Graph): Promise<Uint8Array> {
  const rope = encodeMessage(ModelProto, model(graph, {}));
  const out = new Uint8Array(rope.byteLength);
  let at = 0;
  for await (const chunk of bytesOf(rope, CHUNK, true)) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** What one run of the encoder knows. */
interface Context {
  readonly names: Names;
  readonly external: EncodeOptions["external"];
  /** Before IR version 4 every initializer of the main graph is an input too. */
  readonly constantsAreInputs: boolean;
}

function model(graph: Graph, { external }: EncodeOptions): ModelMessage {
  const { irVersion, producerName, producerVersion, domain, modelVersion, docString, kept } = graph.model;
  const ir = irVersion ?? irVersionOf(graph.opsets.get("") ?? 1);
  return {
    ir_version: ir,
    ...text("producer_name", producerName),
    ...text("producer_version", producerVersion),
    ...text("domain", domain),
    ...(modelVersion ? { model_version: modelVersion } : {}),
    ...text("doc_string", docString),
    graph: graphMessage(graph, { names: nameAll(graph), external, constantsAreInputs: ir < 4 }),
    opset_import: opsets(graph),
    metadata_props: entries(graph.metadata),
    functions: graph.functions.map(functionMessage),
    unknown: [...kept],
  };
}
const text = <K extends string>(key: K, value: string): { [P in K]?: string } => (value ? { [key]: value } : {}) as { [P in K]?: string }; // a computed key
const entries = (map: ReadonlyMap<string, string>): StringStringEntry[] => Array.from(map, ([key, value]) => ({ key, value }));
const opsets = (graph: Graph): OperatorSetMessage[] => Array.from(graph.opsets, ([domain, version]) => ({ domain, version }));

function graphMessage(graph: Graph, context: Context): GraphMessage {
  const { names } = context;
  const inner: Context = { ...context, constantsAreInputs: false };
  const info = (v: Value): ValueInfoMessage => valueInfo(v, names);
  const known = graph.nodes.flatMap((n) => n.outputs.filter((v) => v.type && v.uses.some((u) => u.node)));
  return {
    node: graph.nodes.map((n) => nodeMessage(n, inner)),
    name: graph.name,
    initializer: [
      ...graph.constants.flatMap((v) => (v.constant ? [tensorMessage(v.constant, context, v)] : [])),
      ...Array.from(graph.defaults, ([v, t]) => tensorMessage(t, context, v)),
    ],
    input: [...graph.inputs, ...(context.constantsAreInputs ? graph.constants : [])].map(info),
    output: graph.outputs.map(info),
    value_info: known.filter((v) => !graph.outputs.includes(v)).map(info),
    sparse_initializer: Array.from(graph.sparseConstants, ([v, t]) => sparseMessage(t, context, v)),
    unknown: [...graph.kept],
  };
}

function functionMessage({ name, domain, body, kept }: GraphFunction): FunctionMessage {
  const names = nameAll(body);
  return {
    name,
    input: body.inputs.map((v) => names.of(v)),
    output: body.outputs.map((v) => names.of(v)),
    node: body.nodes.map((n) => nodeMessage(n, { names, external: undefined, constantsAreInputs: false })),
    opset_import: opsets(body),
    domain,
    unknown: [...kept],
  };
}

function nodeMessage(node: Node, context: Context): NodeMessage {
  const { names } = context;
  return {
    input: node.inputs.map((v) => (v ? names.of(v) : "")),
    output: node.outputs.map((v) => (v.name ? names.of(v) : "")),
    ...text("name", node.name ? names.of(node) : ""),
    op_type: node.op,
    attribute: Object.entries(node.attributes).map(([name, a]) => attributeMessage(name, a, context)),
    ...text("domain", node.domain),
    metadata_props: entries(node.metadata),
    unknown: [...node.kept],
  };
}

const utf8 = (t: Text): Uint8Array => (typeof t === "string" ? new TextEncoder().encode(t) : t);

function attributeMessage(name: string, a: Attribute, context: Context): AttributeMessage {
  if (a.kind === "reference") return { name, type: ATTRIBUTE_TYPES[a.of], ref_attr_name: a.to };
  return { name, ...attributeValue(a, context), type: ATTRIBUTE_TYPES[a.kind] };
}
function attributeValue(a: Exclude<Attribute, { kind: "reference" }>, context: Context): AttributeMessage {
  switch (a.kind) {
    case "float":
      return { f: a.value };
    case "int":
      return { i: a.value };
    case "string":
      return { s: utf8(a.value) };
    case "tensor":
      return { t: tensorMessage(a.value, context) };
    case "graph":
      return { g: graphMessage(a.value, context) };
    case "floats":
      return { floats: [...a.value] };
    case "ints":
      return { ints: [...a.value] };
    case "strings":
      return { strings: a.value.map(utf8) };
    case "tensors":
      return { tensors: a.value.map((t) => tensorMessage(t, context)) };
    case "graphs":
      return { graphs: a.value.map((g) => graphMessage(g, context)) };
    case "sparse":
      return { sparse_tensor: sparseMessage(a.value, context) };
    case "sparses":
      return { sparse_tensors: a.value.map((t) => sparseMessage(t, context)) };
    case "type":
      return { tp: typeMessage(a.value) };
    case "types":
      return { type_protos: a.value.map(typeMessage) };
  }
}

function tensorMessage(t: Tensor, { names, external }: Context, value: Value | null = null): TensorMessage {
  const head = { dims: [...t.shape], data_type: numberOf(t.dtype), ...text("name", value ? names.of(value) : "") };
  const unknown = [...(value?.kept ?? [])];
  if (t.dtype === "string") return { ...head, string_data: splitStrings(t), unknown };
  const offset = external?.plan.offsets.get(t);
  if (!external || offset === undefined) return { ...head, raw_data: t.data ?? t, unknown };
  const place = { location: external.location, offset: `${offset}`, length: `${t.byteLength}` };
  return { ...head, external_data: entries(new Map(Object.entries(place))), data_location: 1, unknown };
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
const sparseMessage = (t: SparseTensor, context: Context, value: Value | null = null): SparseTensorMessage => ({
  values: tensorMessage(t.values, context, value),
  indices: tensorMessage(t.indices, context),
  dims: [...t.shape],
});

const valueInfo = (v: Value, names: Names): ValueInfoMessage => ({
  name: names.of(v),
  ...(v.type ? { type: typeMessage(v.type) } : {}),
  unknown: v.constant ? [] : [...v.kept],
});
function typeMessage(type: Type | null): TypeMessage {
  switch (type?.kind) {
    case "tensor":
      return { tensor_type: typedShape(type.dtype, type.shape) };
    case "sparse":
      return { sparse_tensor_type: typedShape(type.dtype, type.shape) };
    case "sequence":
      return { sequence_type: type.element ? { elem_type: typeMessage(type.element) } : {} };
    case "optional":
      return { optional_type: type.element ? { elem_type: typeMessage(type.element) } : {} };
    case "map":
      return { map_type: { key_type: numberOf(type.key), ...(type.value ? { value_type: typeMessage(type.value) } : {}) } };
    case "opaque":
      return { unknown: [type.bytes] };
    default:
      return {};
  }
}
const typedShape = (dtype: DType, shape: Shape | null): TypedShapeMessage => ({
  elem_type: numberOf(dtype),
  ...(shape ? { shape: { dim: shape.map((d) => (typeof d === "number" ? { dim_value: d } : d === null ? {} : { dim_param: d })) } } : {}),
});
