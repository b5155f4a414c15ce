import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { spell } from "../../src/export/rope.js";
import { ModelProto, type Schema } from "../../src/export/schema.js";
import { typeMessage } from "../../src/export/type.js";
import { decodeMessage } from "../../src/export/wire.js";
import type { Attribute, SparseTensor } from "../../src/graph/attribute.js";
import type { Graph, Node, Value } from "../../src/graph/graph.js";
import { readAll, type Tensor } from "../../src/graph/tensor.js";
import { show } from "../../src/graph/type.js";

export const golden = (name: string): Promise<Uint8Array> =>
  readFile(fileURLToPath(new URL(`goldens/${name}`, import.meta.url))).then((b) => new Uint8Array(b));
export const goldenJson = async (name: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await golden(`${name}.json`)));

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** A tensor as type and bytes. */
export const plainTensor = async (t: Tensor): Promise<string> => `${show(t)} ${hex(await readAll(t))}`;

/** A file of `message`, spelled by hand. */
export function fileOf(message: object): Uint8Array {
  const bytes = spell(ModelProto, message);
  if (!bytes) throw new Error("a message made by hand has no ranges");
  return bytes;
}
export const modelOf = (graph: object, rest: object = {}): Uint8Array =>
  fileOf({ ir_version: 10, opset_import: [{ domain: "", version: 21 }], graph: { name: "g", ...graph }, ...rest });

/** Everything a file says, whatever its fields are and in whatever order they stand: fields by number, messages opened, values in hexadecimal. */
export const wireTree = (bytes: Uint8Array): unknown => tree(ModelProto, decodeMessage(ModelProto, bytes));

function tree(schema: Schema, message: Readonly<Record<string, unknown>>): unknown {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    const kind = schema.fields.find((field) => field.key === key)?.kind;
    const one = (v: unknown): unknown =>
      typeof kind === "function" ? tree(kind(), v as Record<string, unknown>) : v instanceof Uint8Array ? hex(v) : v;
    const list = Array.isArray(value) ? value.map(one) : [one(value)];
    out[key] = key === "unknown" ? list.sort() : list;
  }
  return out;
}

/** Every tensor of the graph itself, by name. */
export async function constantsOf(graph: Graph): Promise<Readonly<Record<string, string>>> {
  const entries = graph.constants.map(async (v) => [v.name, v.constant ? await plainTensor(v.constant) : ""] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** All that a graph says, without identities: what equal graphs have equal. */
export async function plain(graph: Graph): Promise<object> {
  return {
    name: graph.name,
    opsets: [...graph.opsets],
    metadata: [...graph.metadata],
    model: graph.model,
    kept: graph.kept,
    inputs: graph.inputs.map(plainValue),
    outputs: graph.outputs.map(plainValue),
    constants: await inTurn(graph.constants, async (v) => [
      plainValue(v),
      v.constant && (await plainTensor(v.constant)),
    ]),
    defaults: await inTurn([...graph.defaults], async ([v, t]) => [v.name, await plainTensor(t)]),
    sparse: await inTurn([...graph.sparseConstants], async ([v, t]) => [plainValue(v), await plainSparse(t)]),
    nodes: await inTurn(graph.nodes, plainNode),
    functions: await inTurn(graph.functions, async (f) => ({ ...f, body: await plain(f.body) })),
  };
}
const inTurn = async <A, B>(list: readonly A[], f: (a: A) => Promise<B>): Promise<B[]> => Promise.all(list.map(f));

const plainValue = ({ name, type, kept }: Value): object => ({
  name,
  type: show(type),
  exactly: typeMessage(type),
  kept,
});
const plainSparse = async (t: SparseTensor): Promise<object> => ({
  shape: t.shape,
  values: await plainTensor(t.values),
  indices: await plainTensor(t.indices),
});
async function plainNode(node: Node): Promise<object> {
  const { op, domain, name, metadata, kept } = node;
  return {
    ...{ op, domain, name, metadata, kept },
    inputs: node.inputs.map((v) => v && [v.name, v.graph.name]),
    outputs: node.outputs.map(plainValue),
    attributes: await inTurn(Object.entries(node.attributes), async ([key, a]) => [key, await plainAttribute(a)]),
  };
}
async function plainAttribute(a: Attribute): Promise<object> {
  switch (a.kind) {
    case "tensor":
      return { ...a, value: await plainTensor(a.value) };
    case "tensors":
      return { ...a, value: await inTurn(a.value, plainTensor) };
    case "graph":
      return { ...a, value: await plain(a.value) };
    case "graphs":
      return { ...a, value: await inTurn(a.value, plain) };
    case "sparse":
      return { ...a, value: await plainSparse(a.value) };
    case "sparses":
      return { ...a, value: await inTurn(a.value, plainSparse) };
    default:
      return a;
  }
}
