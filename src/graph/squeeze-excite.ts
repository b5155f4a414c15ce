import { fromHalf } from "./cast.js";
import type { Graph, Node, Value } from "./graph.js";
import { asFloat32 } from "./tensor.js";
import { isRanked } from "./type.js";

/** How each channel becomes one number; avgmax: half the mean and half the largest. */
export type Squeeze = "avg" | "max" | "avgmax";

/** A Squeeze-and-Excitation block found in a graph: out = x * gate(squeeze(x)). */
export interface SqueezeExcite {
  /** Name of the node that scales. */
  readonly name: string;
  readonly channels: number;
  /** Width between the two layers; channels / hidden is the paper's r. */
  readonly hidden: number;
  /** Activation that makes the gate: "Sigmoid", "HardSigmoid", … */
  readonly excitation: string;
  readonly squeeze: Squeeze;
  readonly bias: boolean;
  readonly form: "gemm" | "conv";
  readonly x: Value;
  /** The gate as the activation makes it, [N,C] or [N,C,1,1]. */
  readonly gate: Value;
  readonly scale: Node;
}

const RESHAPES = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Cast"]);
const LAYERS = new Set(["Gemm", "Conv"]);
const GATES = new Set(["Sigmoid", "HardSigmoid", "Tanh", "Relu", "Clip"]);
const SQUEEZES: Readonly<Record<string, Squeeze>> = {
  GlobalAveragePool: "avg",
  ReduceMean: "avg",
  GlobalMaxPool: "max",
  ReduceMax: "max",
};

/** Every SE block of `graph`, in execution order (Hu et al. 2018, Fig. 2). */
export function findSqueezeExcite(graph: Graph): readonly SqueezeExcite[] {
  return graph.nodes.flatMap((node) => {
    if (node.op !== "Mul" || node.domain) return [];
    const [a = null, b = null] = node.inputs;
    const found = matchBlock(node, a, b) ?? matchBlock(node, b, a);
    return found ? [found] : [];
  });
}

/** Walks from the scaling back to the squeeze: reshape, gate, layer, activation, layer, reshape, pool of the same x. */
function matchBlock(scale: Node, x: Value | null, gateValue: Value | null): SqueezeExcite | null {
  const activation = back(gateValue, RESHAPES);
  if (!x || !activation || !GATES.has(activation.op)) return null;
  const second = back(activation.inputs[0], RESHAPES);
  if (!second || !LAYERS.has(second.op)) return null;
  const between = back(second.inputs[0], RESHAPES);
  const first = between && !LAYERS.has(between.op) ? back(between.inputs[0], RESHAPES) : between;
  if (!first || !LAYERS.has(first.op)) return null;
  const squeeze = squeezeOf(x, back(first.inputs[0], RESHAPES));
  if (!squeeze) return null;
  const [[squeezed, hidden], [, channels]] = [widths(first), widths(second)];
  const gate = activation.outputs[0];
  if (!channels || !hidden || squeezed !== channels || !gate) return null;
  return {
    name: scale.name,
    channels,
    hidden,
    excitation: activation.op,
    squeeze,
    bias: Boolean(first.inputs[2] || second.inputs[2]),
    form: first.op === "Gemm" ? "gemm" : "conv",
    x,
    gate,
    scale,
  };
}

/** How `node` makes one number of each channel of `x`; null where it makes none, or of something else. */
function squeezeOf(x: Value, node: Node | null): Squeeze | null {
  const pooled = (v: Value | null | undefined): Squeeze | null => {
    const pool = uncast(v)?.producer;
    return pool && uncast(pool.inputs[0]) === uncast(x) ? (SQUEEZES[pool.op] ?? null) : null;
  };
  if (node?.op === "Mul") {
    const sum = node.inputs.find((v) => v?.producer?.op === "Add")?.producer;
    const parts = sum?.inputs.map(pooled) ?? [];
    return parts.includes("avg") && parts.includes("max") && node.inputs.some(isHalf) ? "avgmax" : null;
  }
  return pooled(node?.outputs[0]);
}

/** The value that Casts make `v` of: in a float16 network the squeeze alone is float32. */
function uncast(v: Value | null | undefined): Value | null {
  let value = v ?? null;
  while (value?.producer?.op === "Cast") value = value.producer.inputs[0] ?? null;
  return value;
}

const isHalf = (v: Value | null): boolean => {
  const { dtype, data } = v?.constant ?? {};
  if (dtype === "float16" && data?.length === 2) return fromHalf((data[1]! << 8) | data[0]!) === 0.5;
  return dtype === "float32" && data?.length === 4 && asFloat32(data)[0] === 0.5;
};

/** The node that made `value`, looking through `transparent` ones. */
function back(value: Value | null | undefined, transparent: ReadonlySet<string>): Node | null {
  let node = value?.producer ?? null;
  while (node && transparent.has(node.op)) node = node.inputs[0]?.producer ?? null;
  return node;
}

/** Inputs and units of a layer by its weight: [out,in,1,1] of Conv, [in,out] of Gemm or [out,in] where transposed. Empty if not known. */
function widths({ op, inputs, attributes: { transB } }: Node): readonly number[] {
  const type = inputs[1]?.type ?? null;
  const matrix = isRanked(type) ? type.shape.slice(0, 2).filter((d) => typeof d === "number") : [];
  return op === "Conv" || (transB?.kind === "int" && transB.value === 1) ? matrix.toReversed() : matrix;
}
