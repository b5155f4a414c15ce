import { type NodeRecord, take } from "./chain.js";
import {
  canBeRenamed,
  type Graph,
  GraphError,
  mustReach,
  type Node,
  stateOf,
  subgraphs,
  type Use,
  type Value,
  type ValueRecord,
  within,
} from "./graph.js";
import { compatible, merge, show } from "./type.js";

/** What `make` adds to the graph of `node` lands just before it, as do operators on values of the graphs around it. */
export function insertBefore<T>(node: Node, make: () => T): T {
  const { chain } = stateOf(node.graph);
  const saved = chain.cursor;
  chain.cursor = recordOf(node);
  try {
    return within(node.graph, make);
  } finally {
    chain.cursor = saved;
  }
}

/**
 * Every reader of `from` reads `to` instead, which holds the same numbers. An output's name and type go over to `to`, and so does any name
 * where `to` is new. Throws a GraphError where the readers cannot reach `to`, the types differ, or two names that callers know would meet.
 */
export function replace(from: Value, to: Value): void {
  if (from === to) return;
  mustReach(from.graph, to, `replacing '${from.name}'`);
  const isNew = to.producer !== null && to.uses.length === 0;
  if (!compatible(from.type, to.type))
    throw new GraphError(
      `'${from.name}' is ${show(from.type)} and cannot give way to '${to.name}', which is ${show(to.type)}`,
    );
  const isOutput = from.uses.some((u) => !u.node);
  if (isOutput && !canBeRenamed(to))
    throw new GraphError(`the output '${from.name}' cannot give way to '${to.name}', which has a name of its own`);
  const target = to as ValueRecord;
  move(from.uses, from, to);
  if (isNew || isOutput) target.name = from.name;
  if (!to.constant) target.type = isOutput ? merge(from.type, to.type) : merge(to.type, from.type);
}

/** Every reader that `value` has reads what `make` makes of it instead; made before the graph's first node where `value` is none's output. */
export function interpose(value: Value, make: (value: Value) => Value): Value {
  const readers = [...value.uses];
  const [first] = value.producer ? [] : value.graph.nodes;
  const made = first ? insertBefore(first, () => make(value)) : make(value);
  move(readers, value, made);
  return made;
}

/** These readers of `from` read `to` instead. */
function move(readers: readonly Use[], from: Value, to: Value): void {
  for (const use of readers) {
    if (use.node) recordOf(use.node).inputs[use.index] = to;
    else stateOf(use.graph).outputs[use.index] = to;
  }
  (to as ValueRecord).uses.push(...readers);
  const moved = new Set(readers);
  (from as ValueRecord).uses = from.uses.filter((use) => !moved.has(use));
}

/** Gives an input, constant or other value another name. */
export function rename(value: Value, name: string): void {
  (value as ValueRecord).name = name;
}

/** Takes a node out of its graph. Throws a GraphError where one of its outputs is still read. */
export function remove(node: Node): void {
  const record = recordOf(node);
  const read = node.outputs.find((o) => o.uses.length);
  if (read) throw new GraphError(`${node.op} '${node.name}' cannot be removed: '${read.name}' is still read`);
  letGo(node);
  take(stateOf(node.graph).chain, record);
  record.alive = false;
}

/** Drops a constant, sparse or not. Throws a GraphError where it is still read. */
export function removeConstant(value: Value): void {
  if (value.uses.length) throw new GraphError(`the constant '${value.name}' is still read`);
  stateOf(value.graph).constants.delete(value);
  value.graph.sparseConstants.delete(value);
}

function recordOf(node: Node): NodeRecord {
  const record = node as NodeRecord; // every Node is made by Graph.add
  if (!record.alive) throw new GraphError(`${node.op} '${node.name}' is no longer in the graph`);
  return record;
}

/** Ends every reading by `node` and by the graphs that it carries. */
function letGo(node: Node): void {
  node.inputs.forEach((v, i) => {
    if (v) forget(v, node.graph, node, i);
  });
  for (const inner of subgraphs(node)) {
    inner.nodes.forEach(letGo);
    for (const [i, v] of inner.outputs.entries()) forget(v, inner, null, i);
  }
}
function forget(value: Value, graph: Graph, node: Node | null, index: number): void {
  const { uses } = value as ValueRecord;
  const at = uses.findIndex((u) => u.graph === graph && u.node === node && u.index === index);
  if (at >= 0) uses.splice(at, 1);
}
