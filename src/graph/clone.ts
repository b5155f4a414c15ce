import type { Attribute, Attributes } from "./attribute.js";
import { Graph, type Node, type Value } from "./graph.js";
import { float32s, int64s, type Tensor } from "./tensor.js";

/** What stands for each value of a copied graph; null for an input that the caller leaves out. */
export type Copies = Map<Value, Value | null>;
/** How a copy differs from what it is of. */
export interface Change {
  /** Put before every name. */
  readonly prefix: string;
  /** What stands for references to the caller's attributes. */
  readonly attributes: Attributes;
}

/** Adds constants and nodes of `from` to `into`, where `copies` says what its inputs, and values around it, are there; adds to `copies`. */
export function copyInto(into: Graph, from: Graph, copies: Copies, change: Change): void {
  const name = (own: string): string => (own ? `${change.prefix}${own}` : "");
  const copyOf = (v: Value | null): Value | null => v && (copies.get(v) ?? null);
  for (const v of from.constants) if (v.constant) copies.set(v, into.constant(name(v.name), v.constant, v.kept));
  for (const [v, sparse] of from.sparseConstants) copies.set(v, into.sparseConstant(name(v.name), sparse));
  for (const node of from.nodes) {
    const attributes = changed(node.attributes, into, copies, change);
    const [output] = node.outputs;
    const tensor = constantOf(node, attributes);
    if (tensor && output?.uses.every((u) => u.node)) {
      copies.set(output, into.constant(name(output.name), tensor, output.kept));
      continue;
    }
    const made = into.add({
      ...node,
      name: name(node.name),
      inputs: node.inputs.map(copyOf),
      attributes,
      outputs: node.outputs.map((o) => ({ ...o, name: name(o.name) })),
    });
    for (const [i, o] of node.outputs.entries()) copies.set(o, made.outputs[i] ?? null);
  }
}

function changed(attributes: Attributes, into: Graph, copies: Copies, change: Change): Attributes {
  const body = (of: Graph): Graph => bodyCopy(of, into, copies, change);
  const one = (a: Attribute): Attribute | undefined => {
    if (a.kind === "reference") return change.attributes[a.to];
    if (a.kind === "graph") return { ...a, value: body(a.value) };
    return a.kind === "graphs" ? { ...a, value: a.value.map(body) } : a;
  };
  const entries = Object.entries(attributes).map(([key, a]) => [key, one(a)] as const);
  return Object.fromEntries(entries.flatMap(([key, a]) => (a ? [[key, a] as const] : [])));
}

function bodyCopy(of: Graph, parent: Graph, copies: Copies, change: Change): Graph {
  const body = new Graph(of.name, { parent });
  body.kept = of.kept;
  for (const v of of.inputs) copies.set(v, body.input(`${change.prefix}${v.name}`, v.type, v.kept));
  copyInto(body, of, copies, change);
  for (const v of of.outputs) {
    const made = copies.get(v);
    if (made) body.output(made);
  }
  return body;
}

/** The tensor of a Constant node, which in a function stands for an initializer. */
function constantOf(
  { op, domain }: Node,
  { value, value_float, value_floats, value_int, value_ints }: Attributes,
): Tensor | null {
  if (op !== "Constant" || domain) return null;
  if (value?.kind === "tensor") return value.value;
  if (value_float?.kind === "float") return float32s([value_float.value], []);
  if (value_floats?.kind === "floats") return float32s(value_floats.value);
  if (value_int?.kind === "int") return int64s([Number(value_int.value)], []);
  return value_ints?.kind === "ints" ? int64s(value_ints.value.map(Number)) : null;
}
