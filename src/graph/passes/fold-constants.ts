import { BITS } from "../dtype.js";
import { remove, replace } from "../edit.js";
import type { Graph, Node, Value } from "../graph.js";
import { callOf, type InferReport, inferShapes } from "../infer-shapes.js";
import { KERNELS } from "../kernels/index.js";
import { VIEWS } from "../kernels/layout.js";
import { tensorOf } from "../kernels/typed.js";
import type { Pass, Skip } from "../pass.js";
import { byteLength, SMALL_BYTES, type Tensor } from "../tensor.js";
import { type ConcreteType, isRanked, type Type, tensorType } from "../type.js";

/**
 * Computes what does not depend on any input: nodes on constants that are at hand, up to 64 KiB, and shapes that are known before anything runs.
 * A Reshape of constants, and what else leaves the elements in place, is done at any length, since no byte is read.
 */
export const foldConstants: Pass = {
  name: "fold-constants",
  run(graph) {
    const { known, types } = inferShapes(graph);
    let applied = 0;
    const skipped: Skip[] = [];
    for (const node of graph.nodes) {
      const answer = folded(node, known, types);
      if (answer === null) continue;
      const [output] = node.outputs;
      const reason = typeof answer === "string" ? answer : output && whyNot(graph, output);
      if (reason) skipped.push({ node: node.name, reason });
      if (reason || typeof answer === "string" || !output) continue;
      replace(output, graph.constant(output.name, answer));
      remove(node);
      applied++;
    }
    return { applied, skipped };
  },
};

/** The tensor that a node always makes; a reason where that is not computed; null where it depends on an input. */
function folded(node: Node, known: InferReport["known"], types: InferReport["types"]): Tensor | string | null {
  const [output, ...others] = node.outputs;
  if (!output || node.domain || others.some((o) => o.uses.length) || !output.uses.length) return null;
  const numbers = known.get(output);
  if (numbers) {
    const fixed = numbers.elements.filter((e) => typeof e === "number");
    const made = fixed.length === numbers.elements.length && tensorOf(tensorType(numbers.dtype, numbers.shape), fixed);
    if (made) return made;
  }
  const inputs = node.inputs.map((v) => v?.constant ?? null);
  if (!inputs.length || inputs.every((t) => t === null) || node.inputs.some((v) => v && !v.constant)) return null;
  return computed(node, inputs, types.get(output) ?? null);
}

function computed(node: Node, inputs: readonly (Tensor | null)[], made: Type | null): Tensor | string | null {
  const type = concrete(made);
  if (!type) return "the shape that it makes is not known";
  const [first] = inputs;
  if (VIEWS.has(node.op)) return first && first.dtype === type.dtype ? { ...first, shape: type.shape } : null;
  const kernel = KERNELS.get(node.op);
  if (!kernel) return `${node.op} is not computed here`;
  const bits = BITS[type.dtype];
  if (bits === null || bits % 8) return `${type.dtype} is not computed here`;
  const large = [type, ...inputs].find((t) => t && byteLength(t) > SMALL_BYTES);
  if (large) return `a tensor of ${byteLength(large)} bytes is too long to be computed here: up to ${SMALL_BYTES} are`;
  if (inputs.some((t) => t && !t.data)) return "the bytes of a constant are not at hand";
  return (
    kernel({ call: callOf(node), inputs, type }) ?? `${node.op} on ${first?.dtype ?? "nothing"} is not computed here`
  );
}

const concrete = (type: Type | null): ConcreteType | null =>
  isRanked(type) && type.shape.every((d) => typeof d === "number")
    ? tensorType(type.dtype, type.shape as readonly number[])
    : null; // just looked at

/** An output of a graph must be made by a node. */
const whyNot = (graph: Graph, { name, uses }: Value): string | null =>
  uses.some((u) => !u.node) ? `'${name}' is an output of '${graph.name || "the graph"}', which a node must make` : null;
