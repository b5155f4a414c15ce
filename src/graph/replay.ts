import type { Node, Value } from "./graph.js";
import { elementwiseInput } from "./walk.js";

/** Operators that only give numbers another shape. */
const SHAPES = /* @__PURE__ */ new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Dropout"]);

/**
 * Computes of `onto` what `to` is computed of `from`, number by number: the same operators, less those that only reshape. Null where one of them
 * is of another kind, changes the precision, or takes more than one constant number, which another shape would not line up with.
 */
export function replay(to: Value, from: Value, onto: Value): Value | null {
  const done = new Map<Value, Value | null>([[from, onto]]);
  const again = (value: Value): Value | null => {
    const known = done.get(value);
    if (known !== undefined) return known;
    const made = value.producer && step(value.producer);
    done.set(value, made);
    return made;
  };
  const step = (node: Node): Value | null => {
    const [first] = node.inputs;
    if (SHAPES.has(node.op) && !node.domain) return first ? again(first) : null;
    const normalisation = node.op === "BatchNormalization";
    if (!normalisation && !elementwiseInput(node)) return null;
    const inputs: (Value | null)[] = [];
    for (const [i, v] of node.inputs.entries()) {
      const one = normalisation ? i > 0 : v?.constant?.shape.every((d) => d === 1);
      const input = !v || (v.constant && one) ? v : again(v);
      if (v && !input) return null;
      inputs.push(input);
    }
    const [output] = node.outputs;
    const { op, name, attributes } = node;
    return onto.graph.add({ op, name, inputs, attributes, outputs: [{ name: output?.name ?? name, type: onto.type }] })
      .outputs[0] as Value; // one output was asked for
  };
  return again(to);
}
