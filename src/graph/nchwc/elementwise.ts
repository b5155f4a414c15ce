import type { Node } from "../graph.js";
import { call, typeOf } from "./call.js";
import { type Activation, emit } from "./convolution.js";
import type { Rule } from "./layout.js";

/** An activation goes into the convolution before it, where blocked convolutions have it. */
export const elementwise: Rule = (node, output, layout) => {
  const [x, ...others] = node.inputs;
  const map = x && layout.maps.get(x);
  if (!x || !map) return false;
  const open = layout.open.get(x);
  const fused = others.length ? null : fusedActivation(node);
  if (open && fused) emit(output, layout, { ...open, activation: fused });
  else {
    const inputs = [map, ...others]; // those of Clip are scalars
    layout.maps.set(output, call(output.graph, node.op, node.name, inputs, typeOf(output), node.attributes, ""));
  }
  return true;
};

function fusedActivation({ op, attributes }: Node): Activation | null {
  const number = (name: string, otherwise: number): number => {
    const a = attributes[name];
    return a?.kind === "float" ? a.value : otherwise;
  };
  if (op === "Relu" || op === "Sigmoid" || op === "Tanh") return { name: op, params: [] };
  if (op === "LeakyRelu") return { name: op, params: [number("alpha", 0.01)] };
  if (op === "HardSigmoid") return { name: op, params: [number("alpha", 0.2), number("beta", 0.5)] };
  return null;
}
