import type { Graph, Value } from "../graph.js";
import { float32s, int64s } from "../tensor.js";
import { f32 } from "../type.js";
import { call, int, ints } from "./call.js";

/** How weights lie in memory, worked out by ONNX Runtime as it loads the file, so that the file does not depend on the block size. */
export interface WeightBlocker {
  /** Regular and grouped: [O,I,kH,kW] as [O/b,I/b,kH,kW,b,b]. */
  both(weight: Value): Value;
  /** The same with input channel c multiplied by number c of the blocked `gate` [1,I,1,1], at each run. */
  scaled(weight: Value, gate: Value): Value;
  /** Depthwise, and of the first convolution, whose input is not blocked: [O,I,kH,kW] as [O/b,I,kH,kW,b]. */
  outputs(weight: Value): Value;
}

/** Its nodes have constant inputs only: constant folding leaves nothing of them. */
export function weightBlocker(graph: Graph): WeightBlocker {
  const standard = (op: string, name: string, inputs: readonly Value[], attributes = {}): Value =>
    call(graph, op, name, inputs, null, attributes, "");
  const vector = (name: string, values: readonly number[]): Value => graph.constant(name, int64s(values));
  let size: Value | null = null;
  /** b, as [1]: a map of four channels is padded to one block. */
  const block = (): Value => {
    if (size) return size;
    const four = graph.constant("nchwc.four", float32s([0, 0, 0, 0], [1, 4, 1, 1]));
    const padded = call(graph, "ReorderInput", "nchwc.padded", [four], null, { channels_last: int(0) });
    const shape = standard("Shape", "nchwc.shape", [padded]);
    size = standard("Gather", "nchwc.block", [shape, vector("nchwc.axis", [1])], { axis: int(0) });
    return size;
  };
  const shapes = new Map<string, Value>();
  const shapeOf = (parts: readonly (number | "b" | "I/b")[], inputs: number): Value => {
    const key = `${parts.join()};${inputs}`;
    const known = shapes.get(key);
    if (known) return known;
    const name = `nchwc.shape${shapes.size}`;
    const part = (p: number | "b" | "I/b", i: number): Value => {
      if (p === "b") return block();
      if (p === "I/b") return standard("Div", `${name}.${i}`, [vector(`${name}.${i}.I`, [inputs]), block()]);
      return vector(`${name}.${i}`, [p]);
    };
    const made = standard("Concat", name, parts.map(part), { axis: int(0) });
    shapes.set(key, made);
    return made;
  };
  const turned = (weight: Value, parts: readonly (number | "b" | "I/b")[], perm: readonly number[]): Value => {
    const { name, constant } = weight;
    const split = standard("Reshape", `${name}.split`, [weight, shapeOf(parts, constant?.shape[1] ?? 0)]);
    return standard("Transpose", `${name}.turned`, [split], { perm: ints(perm) });
  };
  /** With the weights' own shape, which the blocked operators ask for. */
  const shaped = (blocks: Value, { name, constant }: Value): Value => {
    const shape = constant?.shape ?? [];
    return call(graph, "Reshape", `${name}.blocked`, [blocks, vector(`${name}.shape`, shape)], f32(...shape), {}, "");
  };
  const kernelOf = (weight: Value): readonly number[] => weight.constant?.shape.slice(2) ?? [];
  /** [O/b,I/b,kH,kW,b,b], the outputs last. */
  const ofBoth = (weight: Value): Value =>
    turned(weight, [-1, "b", "I/b", "b", ...kernelOf(weight)], [0, 2, 4, 5, 3, 1]);
  return {
    both: (weight) => shaped(ofBoth(weight), weight),
    scaled(weight, gate) {
      const { name } = weight;
      const inputs = standard("Reshape", `${name}.gate`, [gate, shapeOf([-1, 1, 1, "b", 1], 0)]);
      return shaped(standard("Mul", `${name}.scaled`, [ofBoth(weight), inputs]), weight);
    },
    outputs: (weight) =>
      shaped(turned(weight, [-1, "b", weight.constant?.shape[1] ?? 1, ...kernelOf(weight)], [0, 2, 3, 4, 1]), weight),
  };
}
