import { UserError } from "../graph/error.js";
import { Graph, type Node, type Value } from "../graph/graph.js";
import type { Kept } from "../graph/model.js";
import type { Names } from "../graph/names.js";
import type { Tensor } from "../graph/tensor.js";
import { attributeMessage, type PartWriter, readAttributes } from "./attribute.js";
import { readConstant } from "./constant.js";
import { ownDomain } from "./opsets.js";
import { inOrder, title } from "./order.js";
import type {
  GraphMessage,
  NodeMessage,
  SparseTensorMessage,
  StringStringEntry,
  TensorMessage,
  ValueInfoMessage,
} from "./proto.js";
import { readSparse, sparseMessage } from "./sparse.js";
import { type ExternalData, type OpenExternal, readTensor, tensorMessage } from "./tensor.js";
import { readType, typeMessage } from "./type.js";
import { declare, find, type Visible, visibleIn } from "./visible.js";

/** What one run of the decoder knows. */
export interface Reading {
  readonly openExternal: OpenExternal;
  /** Before IR version 4 every initializer is an input too: one of the main graph only because of that. */
  readonly constantsAreInputs: boolean;
}
/** A graph or a function that is being read: what it sees so far, and what its file says of values by name. */
export interface Body {
  readonly visible: Visible;
  readonly infos: ReadonlyMap<string, ValueInfoMessage>;
  readonly reading: Reading;
}

/** Fills `graph` with what its message says; `outer` are the values of the graphs around it. */
export async function readGraph(graph: Graph, m: GraphMessage, outer: Visible | null, reading: Reading): Promise<void> {
  const infos = new Map([...(m.value_info ?? []), ...(m.output ?? [])].map((info) => [info.name ?? "", info]));
  const body: Body = { visible: visibleIn(graph, outer), infos, reading };
  const outputs = (m.output ?? []).map((o) => o.name ?? "");
  graph.kept = m.unknown ?? [];
  await readInputs(m, body);
  for (const t of m.sparse_initializer ?? []) await readSparseConstant(t, body);
  await readNodes(m.node ?? [], new Set(outputs), body);
  readOutputs(outputs, body);
}

/** Inputs, and the initializers: constants, and what an input holds when nothing is fed. */
async function readInputs(m: GraphMessage, { visible, infos, reading }: Body): Promise<void> {
  const { graph } = visible;
  const initializers = byName(m.initializer ?? [], graph);
  const announced = new Map<string, Kept>();
  for (const info of m.input ?? []) {
    const name = info.name ?? "";
    const initial = initializers.get(name);
    if (initial && reading.constantsAreInputs && !graph.parent) {
      announced.set(name, info.unknown ?? []);
      continue;
    }
    const value = graph.input(name, readType(info.type), info.unknown);
    declare(visible, value);
    if (initial) graph.defaults.set(value, await readTensor(initial, reading.openExternal));
    initializers.delete(name);
  }
  for (const [name, t] of initializers) {
    const kept = announced.get(name) ?? infos.get(name)?.unknown;
    declare(visible, graph.constant(name, await readTensor(t, reading.openExternal), kept));
  }
}
function byName(initializers: readonly TensorMessage[], graph: Graph): Map<string, TensorMessage> {
  const found = new Map<string, TensorMessage>();
  for (const t of initializers) {
    const { name = "" } = t;
    if (found.has(name)) throw new UserError(`two initializers of the graph '${graph.name}' have the name '${name}'`);
    found.set(name, t);
  }
  return found;
}

async function readSparseConstant(t: SparseTensorMessage, { visible, reading }: Body): Promise<void> {
  const name = t.values?.name ?? "";
  const tensor = (part: TensorMessage, what: string): Promise<Tensor> => readTensor(part, reading.openExternal, what);
  const sparse = await readSparse(t, tensor, `the sparse tensor '${name}'`);
  declare(visible, visible.graph.sparseConstant(name, sparse));
}

/** Nodes in execution order; a Constant node is a constant, unless it makes an output. */
async function readNodes(list: readonly NodeMessage[], outputs: ReadonlySet<string>, body: Body): Promise<void> {
  const { visible, infos, reading } = body;
  const { graph } = visible;
  for (const node of inOrder(list, (name) => find(visible, name) !== null)) {
    const [name] = node.output ?? [];
    const tensor = name && !outputs.has(name) ? await readConstant(node, reading.openExternal) : null;
    if (name && tensor) declare(visible, graph.constant(name, tensor, infos.get(name)?.unknown));
    else await readNode(node, body);
  }
}

export async function readNode(m: NodeMessage, { visible, infos, reading }: Body): Promise<void> {
  const { graph } = visible;
  const inputs = (m.input ?? []).map((name) => {
    const value = name ? find(visible, name) : null;
    if (name && !value) throw new UserError(`${title(m)} reads '${name}', which nothing makes`);
    return value;
  });
  const attributes = await readAttributes(m.attribute ?? [], title(m), {
    tensor: (t, what) => readTensor(t, reading.openExternal, what),
    graph: async (g) => {
      const inner = new Graph(g.name ?? "", { parent: graph });
      await readGraph(inner, g, visible, reading);
      return inner;
    },
  });
  const node = graph.add({
    op: m.op_type ?? "",
    domain: ownDomain(m.domain),
    name: m.name ?? "",
    inputs,
    outputs: (m.output ?? []).map((name) => ({
      name,
      type: readType(infos.get(name)?.type),
      kept: infos.get(name)?.unknown ?? [],
    })),
    attributes,
    metadata: new Map((m.metadata_props ?? []).map(({ key = "", value = "" }) => [key, value])),
    kept: m.unknown ?? [],
  });
  for (const v of node.outputs) if (v.name) declare(visible, v);
}

export function readOutputs(names: readonly string[], { visible }: Body): void {
  for (const name of names) {
    const value = find(visible, name);
    if (!value) throw new UserError(`the output '${name}' of the graph '${visible.graph.name}' is made by no node`);
    visible.graph.output(value);
  }
}

/** What one run of the encoder knows. */
export interface Writing {
  readonly names: Names;
  readonly external: ExternalData | undefined;
  /** Before IR version 4 every initializer is an input too. The body of an operator, whose inputs are the operator's to say, has Constant nodes instead. */
  readonly constantsAreInputs: boolean;
}

export function graphMessage(graph: Graph, writing: Writing): GraphMessage {
  const { names, external, constantsAreInputs } = writing;
  const info = (v: Value): ValueInfoMessage => valueInfo(v, names);
  const inputs = constantsAreInputs && !graph.parent ? graph.constants : [];
  const nodes = constantsAreInputs && graph.parent ? graph.constants : [];
  const outputs = new Set(graph.outputs);
  const between = [
    ...(inputs.length ? [] : graph.constants.filter((v) => v.kept.length)),
    ...graph.nodes.flatMap((n) => n.outputs.filter((v) => v.name && (v.type || v.kept.length))),
  ];
  return {
    node: [...nodes.map((v) => constantNode(v, writing)), ...graph.nodes.map((n) => nodeMessage(n, writing))],
    name: graph.name,
    initializer: [
      ...(nodes.length ? [] : graph.constants).flatMap((v) =>
        v.constant ? [tensorMessage(v.constant, external, names.of(v))] : [],
      ),
      ...Array.from(graph.defaults, ([v, t]) => tensorMessage(t, external, names.of(v))),
    ],
    input: [...graph.inputs, ...inputs].map(info),
    output: graph.outputs.map(info),
    value_info: between.filter((v) => !outputs.has(v)).map(info),
    sparse_initializer: Array.from(graph.sparseConstants, ([v, t]) => sparseMessage(t, names.of(v))),
    unknown: [...graph.kept],
  };
}

export function nodeMessage(node: Node, writing: Writing): NodeMessage {
  const { names } = writing;
  const parts = partsOf(writing);
  return {
    input: node.inputs.map((v) => (v ? names.of(v) : "")),
    output: node.outputs.map((v) => (v.name || v.uses.length ? names.of(v) : "")),
    ...(node.name ? { name: names.of(node) } : {}),
    op_type: node.op,
    attribute: Object.entries(node.attributes).map(([name, a]) => attributeMessage(name, a, parts)),
    ...(node.domain ? { domain: node.domain } : {}),
    metadata_props: entries(node.metadata),
    unknown: [...node.kept],
  };
}

/** A constant where there are no initializers. */
export const constantNode = (v: Value, writing: Writing): NodeMessage => ({
  output: [writing.names.of(v)],
  op_type: "Constant",
  attribute: v.constant ? [attributeMessage("value", { kind: "tensor", value: v.constant }, partsOf(writing))] : [],
});

export const partsOf = (writing: Writing): PartWriter => ({
  tensor: (t) => tensorMessage(t, writing.external),
  graph: (g) => graphMessage(g, writing),
});

export const entries = (map: ReadonlyMap<string, string>): StringStringEntry[] =>
  Array.from(map, ([key, value]) => ({ key, value }));

const valueInfo = (v: Value, names: Names): ValueInfoMessage => ({
  name: names.of(v),
  ...(v.type ? { type: typeMessage(v.type) } : {}),
  unknown: [...v.kept],
});
