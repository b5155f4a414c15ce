import { Graph } from "../graph/graph.js";
import type { GraphFunction } from "../graph/model.js";
import { nameAll } from "../graph/names.js";
import { type Body, constantNode, nodeMessage, type Reading, readNode, readOutputs, type Writing } from "./graph.js";
import { opsetMessages, ownDomain, readOpsets } from "./opsets.js";
import { inOrder } from "./order.js";
import type { FunctionMessage } from "./proto.js";
import { declare, find, visibleIn } from "./visible.js";

export async function readFunction(m: FunctionMessage, reading: Reading): Promise<GraphFunction> {
  const graph = new Graph(m.name ?? "");
  readOpsets(graph, m.opset_import ?? []);
  const visible = visibleIn(graph, null);
  const body: Body = { visible, infos: new Map(), reading };
  for (const name of m.input ?? []) declare(visible, graph.input(name, null));
  for (const node of inOrder(m.node ?? [], (name) => find(visible, name) !== null)) await readNode(node, body);
  readOutputs(m.output ?? [], body);
  return { domain: ownDomain(m.domain), name: m.name ?? "", body: graph, kept: m.unknown ?? [] };
}

export function functionMessage({ name, domain, body, kept }: GraphFunction): FunctionMessage {
  const names = nameAll(body);
  const writing: Writing = { names, external: undefined, constantsAreInputs: false };
  return {
    name,
    input: body.inputs.map((v) => names.of(v)),
    output: body.outputs.map((v) => names.of(v)),
    node: [...body.constants.map((v) => constantNode(v, writing)), ...body.nodes.map((n) => nodeMessage(n, writing))],
    opset_import: opsetMessages(body),
    domain,
    unknown: [...kept],
  };
}
