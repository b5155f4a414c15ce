import type { Node } from "../graph.js";
import { match } from "../match.js";
import { clip } from "../ops/clip.js";
import { asFloat32 } from "../tensor.js";
import { blockedType, call } from "./call.js";
import { type Activation, emit } from "./convolution.js";
import type { Rule } from "./layout.js";

/** An activation goes into the convolution before it, where blocked convolutions have it. */
export const elementwise: Rule = (node, output, layout) => {
  const [x, ...others] = node.inputs;
  const map = x && layout.maps.get(x);
  if (!x || !map) return false;
  const open = x.uses.length === 1 ? layout.open.get(x) : undefined;
  const fused = fusedActivation(node);
  if (open && fused) emit(output, layout, { ...open, activation: fused });
  else {
    const inputs = [map, ...others]; // those of Clip are scalars
    layout.maps.set(output, call(output.graph, node.op, node.name, inputs, blockedType(output), node.attributes, ""));
  }
  return true;
};

/** Null where a convolution has no such function, or its numbers are not known. */
function fusedActivation(node: Node): Activation | null {
  const { op, attributes } = node;
  const number = (name: string, otherwise: number): number => {
    const a = attributes[name];
    return a?.kind === "float" ? a.value : otherwise;
  };
  if (["Relu", "Sigmoid", "Tanh", "HardSwish"].includes(op)) return { name: op, params: [] };
  if (op === "LeakyRelu") return { name: op, params: [number("alpha", 0.01)] };
  if (op === "HardSigmoid") return { name: op, params: [number("alpha", 0.2), number("beta", 0.5)] };
  const ramp = match(clip, node);
  const bounds = [ramp?.min, ramp?.max].map((v) => v?.constant?.data && asFloat32(v.constant.data)[0]);
  return ramp && bounds.every((v) => typeof v === "number") ? { name: op, params: bounds } : null;
}
