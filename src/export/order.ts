import { UserError } from "../graph/error.js";
import type { AttributeMessage, GraphMessage, NodeMessage } from "./proto.js";

/** "Relu 'relu1'": how errors call a node; one without a name is called by its first output. */
export const title = (node: NodeMessage): string =>
  `${node.op_type ?? "the node"} '${node.name || node.output?.[0] || ""}'`;

/**
 * The nodes with every one behind those it reads from, which ONNX demands but not every file keeps: nodes that are in order stay as they are.
 * `given` says which names come from elsewhere.
 */
export function inOrder(nodes: readonly NodeMessage[], given: (name: string) => boolean): readonly NodeMessage[] {
  const makers = new Map<string, NodeMessage>();
  for (const node of nodes) for (const name of node.output ?? []) if (name && !given(name)) makers.set(name, node);
  const out: NodeMessage[] = [];
  const state = new Map<NodeMessage, "begun" | "done">();
  const begin = (node: NodeMessage): Visit => {
    state.set(node, "begun");
    return { node, reads: reads(node) };
  };
  for (const root of nodes) {
    const stack = state.has(root) ? [] : [begin(root)];
    for (let visit = stack.at(-1); visit; visit = stack.at(-1)) {
      const next = visit.reads.next();
      if (next.done) {
        state.set(visit.node, "done");
        out.push(visit.node);
        stack.pop();
        continue;
      }
      const maker = makers.get(next.value);
      if (maker && state.get(maker) === "begun")
        throw new UserError(`the graph has a cycle: ${title(maker)} needs its own output '${next.value}'`);
      if (maker && !state.has(maker)) stack.push(begin(maker));
    }
  }
  return out;
}

/** A node, and the names it reads that have not been looked at yet. */
interface Visit {
  readonly node: NodeMessage;
  readonly reads: Iterator<string>;
}

/** Names a node reads, those that its subgraphs take from outside included. */
function* reads(node: NodeMessage): Generator<string> {
  yield* node.input ?? [];
  for (const a of node.attribute ?? []) for (const g of graphsOf(a)) yield* readsOfGraph(g);
}
const graphsOf = (a: AttributeMessage): readonly GraphMessage[] => (a.g ? [a.g] : (a.graphs ?? []));
function* readsOfGraph(g: GraphMessage): Generator<string> {
  const own = new Set([...(g.input ?? []), ...(g.initializer ?? [])].map((v) => v.name));
  for (const t of g.sparse_initializer ?? []) own.add(t.values?.name);
  for (const n of g.node ?? []) for (const name of n.output ?? []) own.add(name);
  for (const n of g.node ?? []) for (const name of reads(n)) if (!own.has(name)) yield name;
  for (const { name } of g.output ?? []) if (name && !own.has(name)) yield name;
}
