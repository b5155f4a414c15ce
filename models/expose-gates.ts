import type { Value } from "../src/graph/graph.js";
import { flatten } from "../src/graph/ops/flatten.js";
import { isRanked } from "../src/graph/type.js";
import type { Recalibrated } from "./plan.js";

/** Makes the gates of each block an output of their own, `<block>.gate`: [N,C], or [N,C,H,W] where each pixel has its own. */
export function exposeGates(blocks: Recalibrated["blocks"]): void {
  for (const { path, gate } of blocks) gate.graph.output(vector(gate), `${path}.gate`);
}

/** [N,C,1,1] -> [N,C]; the gates of single pixels as they are. */
function vector(gate: Value): Value {
  const shape = isRanked(gate.type) ? gate.type.shape : [];
  return shape.length > 2 && shape.slice(2).every((d) => d === 1) ? flatten(gate) : gate;
}
