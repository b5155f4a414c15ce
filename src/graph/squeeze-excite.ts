import { type DenseLayer, denseLayer } from "./dense-layer.js";
import { type Graph, type Node, subgraphs, type Value } from "./graph.js";
import { type Squeeze, squeezeOf } from "./squeeze.js";
import { elementwiseInput, unshaped } from "./walk.js";

/** A Squeeze-and-Excitation block found in a graph: out = x * gate(squeeze(x)). */
export interface SqueezeExcite {
  /** Name of the node that scales. */
  readonly name: string;
  readonly channels: number;
  /** Width between the two layers; channels / hidden is the paper's r. */
  readonly hidden: number;
  /** Activation that makes the gate: "Sigmoid", "HardSigmoid", …, however many operators it is written with. */
  readonly excitation: string;
  readonly squeeze: Squeeze;
  readonly bias: boolean;
  readonly form: DenseLayer["form"];
  readonly fc1: DenseLayer;
  readonly fc2: DenseLayer;
  readonly x: Value;
  /** The gate as the activation makes it, [N,C] or [N,C,1,1]. */
  readonly gate: Value;
  readonly scale: Node;
}

/**
 * Every SE block of `graph` and of the bodies of If, Loop and Scan in it, in execution order (Hu et al. 2018, Fig. 2), in whatever form exporters
 * write it. Those in functions are found once inline-functions has put them in place of the calls.
 */
export function findSqueezeExcite(graph: Graph): readonly SqueezeExcite[] {
  return graph.nodes.flatMap((node) => [...blockAt(node), ...subgraphs(node).flatMap(findSqueezeExcite)]);
}

/** As `findSqueezeExcite`, bodies left out: what a pass over `graph` rewrites. */
export const blocksOf = (graph: Graph): readonly SqueezeExcite[] => graph.nodes.flatMap(blockAt);

function blockAt(node: Node): readonly SqueezeExcite[] {
  if (node.op !== "Mul" || node.domain) return [];
  const [a = null, b = null] = node.inputs;
  const found = matchBlock(node, a, b) ?? matchBlock(node, b, a);
  return found ? [found] : [];
}

/** Walks from the scaling back to the squeeze: gate, layer, activation, layer, pool of the same x. */
function matchBlock(scale: Node, x: Value | null, gateValue: Value | null): SqueezeExcite | null {
  const gate = unshaped(gateValue);
  const excitation = x && gate && excitationOf(gate);
  if (!excitation) return null;
  const second = denseLayer(excitation.x);
  const first = second && activated(second.x);
  const squeeze = first && squeezeOf(x, first.x);
  if (!squeeze || first.inputs !== second.outputs || first.outputs !== second.inputs) return null;
  return {
    name: scale.name,
    channels: second.outputs,
    hidden: second.inputs,
    excitation: excitation.name,
    squeeze,
    bias: Boolean(first.bias ?? second.bias),
    form: second.form,
    fc1: first,
    fc2: second,
    x,
    gate,
    scale,
  };
}

/** Operators that make a gate, the one that names it first. */
const GATES = ["Sigmoid", "HardSigmoid", "Tanh", "Clip", "Relu"];

/**
 * The gate's function and what it is of: all elementwise operators back to the layer. A ramp written as Clip(v + 3, 0, 6) / 6 is HardSigmoid, also
 * where v + 3 is quantized: the ends of its 8 bits are those of Clip, which quantizers then leave out.
 */
function excitationOf(gate: Value): { readonly name: string; readonly x: Value } | null {
  const ops: string[] = [];
  let v: Value | null = gate;
  while (v && !denseLayer(v)) {
    const node: Node | null = unshaped(v)?.producer ?? null;
    if (node?.op === "Add" && v.producer?.op === "DequantizeLinear") ops.push("Clip");
    if (node) ops.push(node.op);
    v = node && elementwiseInput(node);
  }
  const name = GATES.find((op) => ops.includes(op));
  return v && name ? { name: name === "Clip" && ops.length > 1 ? "HardSigmoid" : name, x: v } : null;
}

/** The layer that `value` is a function of, number by number; a normalisation may stand between. */
function activated(value: Value): DenseLayer | null {
  let v: Value | null = value;
  while (v) {
    const layer = denseLayer(v);
    if (layer) return layer;
    const node: Node | null = unshaped(v)?.producer ?? null;
    v = node && (node.op === "BatchNormalization" ? (node.inputs[0] ?? null) : elementwiseInput(node));
  }
  return null;
}
