import { insertBefore, replace } from "../edit.js";
import type { Value } from "../graph.js";
import { match } from "../match.js";
import { applyKernel, asKernel, asVector, multiplyKernels } from "../matrix.js";
import { conv } from "../ops/conv.js";
import { globalAveragePool } from "../ops/global-average-pool.js";
import type { Pass, Skip } from "../pass.js";
import { findSqueezeExcite, type SqueezeExcite } from "../squeeze-excite.js";

/**
 * Squeezes what goes into the 1x1 convolution before an SE block, which is narrower than what comes out. The mean is linear and commutes with the
 * convolution: for y = W3 x + b3, GAP(y) = W3 GAP(x) + b3, so the first layer becomes W1' = W1 W3, b1' = W1 b3 + b1.
 */
export const hoistSqueeze: Pass = {
  name: "hoist-squeeze",
  run(graph) {
    let applied = 0;
    const skipped: Skip[] = [];
    for (const block of findSqueezeExcite(graph)) {
      const answer = hoisted(block);
      if (answer === null) applied++;
      else skipped.push({ node: block.name, reason: answer });
    }
    return { applied, skipped };
  },
};

/** Rewrites the block; a reason where it cannot. */
function hoisted({ x, fc1, squeeze }: SqueezeExcite): string | null {
  const source = match(conv, x.producer);
  const first = match(conv, fc1.y.producer);
  const pool = fc1.x.producer;
  if (!first || squeeze !== "avg" || pool?.op !== "GlobalAveragePool" || pool.inputs[0] !== x)
    return "its squeeze and first layer are no GlobalAveragePool and Conv: gate-to-conv makes them so";
  if (!source) return "no convolution makes what it scales";
  const { w, b, attrs } = source;
  const [outputs = 0, inputs = 0, ...kernel] = w.constant?.shape ?? [];
  if (!w.constant || (b && !b.constant)) return "the convolution before it has no constant weights";
  const plain = kernel.every((k) => k === 1) && attrs.group === 1 && attrs.strides.every((s) => s === 1);
  if (!plain || attrs.pads.some((p) => p !== 0)) return "the convolution before it is no 1x1 of stride 1";
  if (inputs >= outputs)
    return `the convolution before it takes ${inputs} channels and makes ${outputs}: nothing is saved`;
  const tensors = [w.constant, b?.constant, fc1.weight.tensor, fc1.bias].filter((t) => t !== null && t !== undefined);
  const other = tensors.find((t) => t.dtype !== "float32");
  if (other) return `only float32 is rewritten, and a layer has ${other.dtype}`;

  const w1 = asKernel(fc1.weight);
  const b1 = fc1.bias && asVector(fc1.bias, fc1.outputs);
  const bias = b?.constant ? applyKernel(w1, b.constant, b1) : b1;
  const { graph, node } = { graph: x.graph, node: first.node };
  replace(
    first.output,
    insertBefore(node, () => {
      const squeezed = globalAveragePool(source.x, { name: pool.name });
      const weight = graph.constant(first.w.name, multiplyKernels(w1, w.constant ?? w1));
      const shift = bias && graph.constant(first.b?.name ?? `${node.name}.bias`, bias);
      return conv(squeezed, weight, shift as Value | null, { ...first.attrs, name: node.name });
    }),
  );
  return null;
}
