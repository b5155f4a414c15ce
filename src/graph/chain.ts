import type { Node, Value, Writable } from "./graph.js";

/** A node as its graph may write it, between its neighbours in the order of execution. */
export interface NodeRecord extends Writable<Node> {
  inputs: (Value | null)[];
  previous: NodeRecord | null;
  next: NodeRecord | null;
  /** False once it is taken out. */
  alive: boolean;
}
/** The nodes of a graph in execution order, linked both ways so that the place of an edit does not matter to its cost. */
export interface Chain {
  first: NodeRecord | null;
  last: NodeRecord | null;
  /** New nodes land before this one; null: at the end. */
  cursor: NodeRecord | null;
  /** The nodes as a list, until the next edit. */
  list: readonly Node[] | null;
}

export function listOf(chain: Chain): readonly Node[] {
  if (chain.list) return chain.list;
  const list: Node[] = [];
  for (let n = chain.first; n; n = n.next) list.push(n);
  chain.list = list;
  return list;
}

/** Puts `node` at the cursor. */
export function insert(chain: Chain, node: NodeRecord): void {
  const next = chain.cursor;
  join(chain, next ? next.previous : chain.last, node);
  join(chain, node, next);
}

export const take = (chain: Chain, { previous, next }: NodeRecord): void => join(chain, previous, next);

/** Makes the two neighbours; null is what lies beyond either end. */
function join(chain: Chain, previous: NodeRecord | null, next: NodeRecord | null): void {
  if (previous) previous.next = next;
  else chain.first = next;
  if (next) next.previous = previous;
  else chain.last = previous;
  chain.list = null;
}
