import { captures } from "../bodies.js";
import { insertBefore, replace } from "../edit.js";
import type { Graph, Node, Value } from "../graph.js";
import { NCHWC } from "../nchwc/call.js";
import { emptyLayout, type Layout, plain } from "../nchwc/layout.js";
import { RULES } from "../nchwc/rules.js";
import { weightBlocker } from "../nchwc/weight-blocker.js";
import type { Pass } from "../pass.js";
import { isRanked } from "../type.js";
import { removeDeadCode } from "./remove-dead-code.js";

/**
 * Writes a network in the blocked operators of ONNX Runtime's CPU build, as that does itself for plain convolutional networks, but with SE in the
 * same layout: there, a gate is a depthwise convolution whose weights are computed, or scales the weights of the convolution before it, and takes
 * the residual sum and the ReLU along. Needs a batch that is known. The file holds for any block size, and runs in ONNX Runtime's CPU build alone.
 */
export const blockLayout: Pass = {
  name: "block-layout",
  run(graph) {
    removeDeadCode.run(graph);
    const reason = obstacle(graph);
    if (reason) return { applied: 0, skipped: [{ node: graph.name, reason }] };
    graph.opsets.set(NCHWC, 1);
    const layout = emptyLayout(weightBlocker(graph));
    const back = new Map<Value, Value>();
    let applied = 0;
    for (const node of graph.nodes) {
      if (insertBefore(node, () => take(node, layout))) {
        applied++;
        continue;
      }
      for (const v of [...node.inputs, ...captures(node)]) if (v && !back.has(v)) giveBack(v, node);
    }
    for (const output of graph.outputs) if (!back.has(output)) giveBack(output, null);
    for (const [from, to] of back) replace(from, to);
    removeDeadCode.run(graph);
    return { applied, skipped: [] };

    function giveBack(v: Value, reader: Node | null): void {
      const given = reader ? insertBefore(reader, () => plain(v, layout)) : plain(v, layout);
      if (given) back.set(v, given);
    }
  },
};

/** Computes `node` on blocked maps; false where that cannot be. */
function take(node: Node, layout: Layout): boolean {
  const [output, ...others] = node.outputs;
  const rule = node.domain ? undefined : RULES.get(node.op);
  return output !== undefined && !others.length && (rule?.(node, output, layout) ?? false);
}

/** Why the graph cannot be written so, or null. */
function obstacle(graph: Graph): string | null {
  const convolutions = graph.nodes.filter((n) => n.op === "Conv" && !n.domain);
  if (!convolutions.length) return "it has no convolution";
  if (graph.parent) return "it is the body of an operator, and takes and gives plain maps";
  const image = graph.inputs[0]?.type ?? null;
  const shape = isRanked(image) ? image.shape : [];
  if (shape.some((d) => typeof d !== "number"))
    return `its input is not of one known shape: give --batch and --input-size`;
  if (shape.includes(0)) return "its input holds nothing";
  if (graph.nodes.some((n) => n.op === "BatchNormalization")) return "it has a BatchNormalization: fold it first";
  return null;
}
