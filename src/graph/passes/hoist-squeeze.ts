import { insertBefore, replace } from "../edit.js";
import type { Node, Value } from "../graph.js";
import { match } from "../match.js";
import { applyKernel, asKernel, asVector, multiplyKernels } from "../matrix.js";
import { conv } from "../ops/conv.js";
import { flatten } from "../ops/flatten.js";
import { gemm } from "../ops/gemm.js";
import { globalAveragePool } from "../ops/global-average-pool.js";
import type { Pass, Skip } from "../pass.js";
import { blocksOf, type SqueezeExcite } from "../squeeze-excite.js";
import type { Tensor } from "../tensor.js";

/**
 * Squeezes what goes into the 1x1 convolution before an SE block, which is narrower than what comes out. The mean is linear and commutes with the
 * convolution: for y = W3 x + b3, GAP(y) = W3 GAP(x) + b3, so the first layer becomes W1' = W1 W3, b1' = W1 b3 + b1.
 */
export const hoistSqueeze: Pass = {
  name: "hoist-squeeze",
  run(graph) {
    let applied = 0;
    const skipped: Skip[] = [];
    for (const block of blocksOf(graph)) {
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
  const first = fc1.y.producer;
  if (squeeze !== "avg") return `its squeeze is ${squeeze}, and only the mean commutes with a convolution`;
  if (!first || fc1.form === "matmul" || first.op === "Add" || !isGlobalMean(fc1.x, x))
    return "its squeeze and first layer are no GlobalAveragePool and Conv or Gemm: gate-to-conv makes them so";
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
  const weight = multiplyKernels(w1, w.constant);
  replace(
    first.outputs[0] as Value, // Conv and Gemm have one
    insertBefore(first, () => layerOn(source.x, first, weight, bias)),
  );
  return null;
}

/** Whether `v` is the mean of `x` over all pixels, flattened or not, and not rounded on the way. */
function isGlobalMean(v: Value, x: Value): boolean {
  const node = v.producer;
  const pool = node?.op === "Flatten" ? node.inputs[0]?.producer : node;
  return pool?.op === "GlobalAveragePool" && pool.inputs[0] === x;
}

/** The layer `before`, of the mean of x and with other weights [m,n,1,1]. */
function layerOn(x: Value, before: Node, weight: Tensor, bias: Tensor | null): Value {
  const { graph, name, op } = before;
  const [, w, b] = before.inputs;
  const squeezed = globalAveragePool(x, { name: `${name}.squeeze` });
  const shift = bias && graph.constant(b?.name ?? `${name}.bias`, bias);
  const weights = (shape: readonly number[]): Value => graph.constant(w?.name ?? "", { ...weight, shape });
  if (op === "Conv") return conv(squeezed, weights(weight.shape), shift, { name, kernel_shape: [1, 1] });
  return gemm(flatten(squeezed), weights(weight.shape.slice(0, 2)), shift, { name, transB: 1 });
}
