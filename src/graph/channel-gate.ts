import { denseLayer } from "./dense-layer.js";
import type { Graph, Node, Value } from "./graph.js";
import { squeezeOf } from "./squeeze.js";
import { blocksOf } from "./squeeze-excite.js";
import { elementwiseInput, unshaped } from "./walk.js";

/** One number a channel, learnt from the whole map, that scales a map [N,C,H,W]: an SE block's gate or a relative's. */
export interface ChannelGate {
  /** Name of the node that scales, or, where it has none, of its output. */
  readonly name: string;
  /** C numbers an image, in any shape. */
  readonly gate: Value;
}

/** The gates of every SE block and of its relatives (ECA, effective SE, CBAM's channel half, …), in execution order. */
export function findChannelGates(graph: Graph): readonly ChannelGate[] {
  const blocks = new Map(blocksOf(graph).map((block) => [block.scale, block]));
  return graph.nodes.flatMap((scale) => {
    const gate = blocks.get(scale)?.gate ?? relativeGate(scale);
    return gate ? [{ name: scale.name || (scale.outputs[0]?.name ?? ""), gate }] : [];
  });
}

function relativeGate({ op, domain, inputs }: Node): Value | null {
  const [a = null, b = null] = inputs;
  return op === "Mul" && !domain ? (learntFrom(a, b) ?? learntFrom(b, a)) : null;
}

/** Behind `value`, where it is learnt from a squeeze of `x`. */
function learntFrom(x: Value | null, value: Value | null): Value | null {
  const gate = unshaped(value);
  return x && gate && !squeezeOf(x, gate) && leadsToSqueeze(x, gate, MOST_STEPS) ? gate : null;
}

/** Layers and functions between a squeeze and a gate; the relatives have up to five. */
const MOST_STEPS = 12;
/** What stands between a squeeze and a gate beside dense layers and functions of single numbers: ECA's convolution is along the channels. */
const THROUGH = /* @__PURE__ */ new Set(["Conv", "BatchNormalization", "LayerNormalization", "Transpose"]);

function leadsToSqueeze(x: Value, value: Value | null, steps: number): boolean {
  if (!value || steps === 0) return false;
  if (squeezeOf(x, value)) return true;
  const node = unshaped(value)?.producer;
  if (!node || node.domain) return false;
  const before = denseLayer(value)?.x ?? (THROUGH.has(node.op) ? node.inputs[0] : elementwiseInput(node));
  if (before) return leadsToSqueeze(x, before, steps - 1);
  return node.op === "Add" && node.inputs.every((part) => leadsToSqueeze(x, part, steps - 1)); // CBAM's mean and largest
}
