import type { Value } from "../src/graph/graph.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { isRanked } from "../src/graph/type.js";
import type { Network } from "./network.js";

/** Makes every gate vector [N,C] that the outputs depend on an output of its own, `<block>.gate`. */
export function exposeGates({ graph, se }: Network): void {
  const used = ancestors(graph.outputs);
  for (const { path, gate } of se?.blocks ?? []) if (used.has(gate)) graph.output(vector(gate), `${path}.gate`);
}

/** `values` and all that they are made from. */
function ancestors(values: readonly Value[]): ReadonlySet<Value | null> {
  const found = new Set<Value | null>(values);
  for (const value of found) for (const input of value?.producer?.inputs ?? []) found.add(input);
  return found;
}

/** [N,C,1,1] -> [N,C]; the gates of single pixels as they are. */
function vector(gate: Value): Value {
  const shape = isRanked(gate.type) ? gate.type.shape : [];
  return shape.length > 2 && shape.slice(2).every((d) => d === 1) ? flatten(gate) : gate;
}
