import { UserError } from "../graph/error.js";
import type { AttributeMessage, GraphMessage, NodeMessage } from "./proto.js";

/** The nodes with every one behind those it reads from: as they are where that holds already, which ONNX demands but not every file keeps. */
export function inOrder(nodes: readonly NodeMessage[], available: Set<string>): readonly NodeMessage[] {
  const makers = new Map(nodes.flatMap((n) => (n.output ?? []).filter(Boolean).map((name) => [name, n] as const)));
  const done = new Set<NodeMessage>();
  const open = new Set<NodeMessage>();
  const out: NodeMessage[] = [];
  for (const root of nodes) {
    const stack = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      open.add(node);
      const next = done.has(node) ? undefined : reads(node).map((name) => (available.has(name) ? undefined : makers.get(name))).find((m) => m && m !== node && !done.has(m));
      if (next && open.has(next)) throw new UserError(`the graph has a cycle: ${next.op_type ?? "a node"} '${next.name || next.output?.[0] || ""}' needs its own output`);
      if (next) {
        stack.push(next);
        continue;
      }
      stack.pop();
      open.delete(node);
      if (done.has(node)) continue;
      done.add(node);
      out.push(node);
    }
  }
  return out;
}

/** Names a node reads, those that its subgraphs take from outside included. */
function reads(node: NodeMessage): readonly string[] {
  return [...(node.input ?? []), ...(node.attribute ?? []).flatMap(graphsOf).flatMap(readsOfGraph)].filter(Boolean);
}
const graphsOf = (a: AttributeMessage): readonly GraphMessage[] => (a.g ? [a.g] : (a.graphs ?? []));
function readsOfGraph(g: GraphMessage): readonly string[] {
  const own = new Set([...(g.input ?? []), ...(g.initializer ?? [])].map((v) => v.name ?? ""));
  for (const n of g.node ?? []) for (const name of n.output ?? []) own.add(name);
  return [...(g.node ?? []).flatMap(reads), ...(g.output ?? []).map((o) => o.name ?? "")].filter((name) => !own.has(name));
}
