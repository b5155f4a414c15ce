import type { Graph, Node } from "./graph.js";
import { isRanked, type Shape, type Type } from "./type.js";

/**
 * Multiply-adds of convolutions and matrix products for one image, as papers count "FLOPs": biases, normalisation, activations, pooling and
 * SE's scaling left out. Null where a shape that matters is not known.
 */
export function macs(graph: Graph): number | null {
  return graph.nodes.reduce<number | null>((sum, node) => {
    const own = nodeMacs(node);
    return sum === null || own === null ? null : sum + own;
  }, 0);
}

/** As `macs`, for one node. */
export function nodeMacs(node: Node): number | null {
  if (node.op !== "Conv" && node.op !== "Gemm" && node.op !== "MatMul") return 0;
  const out = shapeOf(node.outputs[0]?.type);
  const w = shapeOf(node.inputs[1]?.type);
  if (!out || !w) return null;
  const { transB } = node.attributes;
  const transposed = transB?.kind === "int" && transB.value === 1;
  const perElement = node.op === "Conv" ? w.slice(1) : [transposed ? w[1] : w[w.length - 2]];
  return [...out.slice(1), ...perElement].reduce<number | null>(
    (product, d) => (product === null || typeof d !== "number" ? null : product * d),
    1,
  );
}
const shapeOf = (type: Type | null | undefined): Shape | null => (type && isRanked(type) ? type.shape : null);
