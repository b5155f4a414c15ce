import { bytesPerElement } from "./dtype.js";
import type { Graph, Node, Value } from "./graph.js";
import { elements, isRanked, type Type } from "./type.js";

/** Operators whose outputs cannot lie where an input lies, whatever a runtime fuses. */
const APART: ReadonlySet<string> = new Set(["Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "Gemm", "MatMul"]);

/**
 * Bytes that a run of `batch` images takes at least, weights left out: the graph's inputs, which the caller keeps, and what the greatest convolution,
 * pooling or matrix product reads and writes. Values whose shape is not known count as none; their types have to be inferred.
 */
export function workingBytes(graph: Graph, batch: number): number {
  const sum = (values: readonly Value[]): number => values.reduce((n, v) => n + bytesOf(v.type, batch), 0);
  const given = graph.inputs.filter((v) => !graph.defaults.has(v));
  const own = ({ inputs, outputs }: Node): number =>
    sum([...inputs.flatMap((v) => (v && (v.producer || given.includes(v)) ? [v] : [])), ...outputs]);
  const nodes = graph.nodes.filter((n) => APART.has(n.op) && !n.domain);
  return sum(given) + Math.max(0, ...nodes.map(own));
}

/** A first length that is not known is the batch's. */
function bytesOf(type: Type | null, batch: number): number {
  if (!isRanked(type)) return 0;
  const shape = type.shape.map((d, i) => (typeof d === "number" ? d : i === 0 ? batch : 0));
  return elements(shape) * bytesPerElement(type.dtype);
}
