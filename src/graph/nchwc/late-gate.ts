import type { Node, Value } from "../graph.js";
import { elements } from "../type.js";
import { shapeOf, whole } from "./call.js";
import { planar } from "./convolution.js";
import { windowed } from "./maps.js";

/** Multiplying a number of the weights costs as much as multiplying this many of a map: they are taken block by block. */
const WEIGHT_COST = 4;
/** Operators whose results are not negative. */
const NOT_NEGATIVE = /* @__PURE__ */ new Set(["Sigmoid", "HardSigmoid", "Relu"]);

/**
 * Whether the product of a map [1,C,H,W] and a gate can be left to the convolutions that read it: W (g x) = (W g) x, which is less work where
 * kernels are small and maps large. All readers must be ungrouped convolutions, behind pools or not, and have fewer weights than the map has
 * numbers.
 */
export function canWait(product: Value, gate: Value): boolean {
  const [n, ...map] = shapeOf(product) ?? [];
  const weights = n === 1 ? weightsBehind(product, NOT_NEGATIVE.has(gate.producer?.op ?? "")) : null;
  return weights !== null && WEIGHT_COST * weights < elements(map);
}

/** How many weights the convolutions have that read `v`; null where something else reads it. */
function weightsBehind(v: Value, pools: boolean): number | null {
  let sum = 0;
  for (const { node, graph } of v.uses) {
    const weights = graph === v.graph && node && (ownWeights(node, v) ?? (pools ? behindPool(node) : null));
    if (typeof weights !== "number") return null;
    sum += weights;
  }
  return sum;
}
function ownWeights(node: Node, x: Value): number | null {
  const found = planar(node);
  const [outputs = 0, inputs = 0, ...kernel] = found?.w.constant?.shape ?? [];
  return found?.x === x && found.attrs.group === 1 ? elements([whole(outputs), whole(inputs), ...kernel]) : null;
}
function behindPool(node: Node): number | null {
  const found = windowed(node);
  return found ? weightsBehind(found.output, true) : null;
}
