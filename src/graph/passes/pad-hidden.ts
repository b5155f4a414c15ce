import { insertBefore, replace } from "../edit.js";
import type { Value } from "../graph.js";
import { match } from "../match.js";
import { BLOCK } from "../nchwc/call.js";
import type { Match } from "../op.js";
import { conv } from "../ops/conv.js";
import type { Pass, Skip } from "../pass.js";
import { replay } from "../replay.js";
import { findSqueezeExcite, type SqueezeExcite } from "../squeeze-excite.js";
import { asFloat32, computed, readAll, type Tensor } from "../tensor.js";
import { f32 } from "../type.js";

/**
 * Widens the hidden layer of SE blocks to a multiple of the block of ONNX Runtime's blocked layout, with units whose weights are 0 on both sides:
 * W2 f(W1 s + b1) keeps its sums, whatever number f(0) is.
 */
export const padHidden: Pass = {
  name: "pad-hidden",
  run(graph) {
    let applied = 0;
    const skipped: Skip[] = [];
    for (const block of findSqueezeExcite(graph)) {
      if (block.hidden % BLOCK === 0) continue;
      const [fc1, fc2] = [block.fc1, block.fc2].map((layer) => match(conv, layer.y.producer));
      if (!fc1 || !fc2 || [fc1, fc2].some((l) => l.w.constant?.dtype !== "float32" || (l.b && !l.b.constant)))
        skipped.push({
          node: block.name,
          reason: "its layers are no float32 convolutions: gate-to-conv makes them so",
        });
      else if (widen(block, fc1, fc2)) applied++;
      else skipped.push({ node: block.name, reason: "what stands between its layers is no function of one number" });
    }
    return { applied, skipped };
  },
};

type Layer = Match<typeof conv.def.inputs, typeof conv.def.attributes>;

/** False where the layers cannot be parted from what is between them. */
function widen({ hidden, fc1: { y } }: SqueezeExcite, fc1: Layer, fc2: Layer): boolean {
  const wide = Math.ceil(hidden / BLOCK) * BLOCK;
  const { graph } = fc1.node;
  const widened = ({ x, w, b, attrs, node }: Layer, outputs: number, inputs: number): Value =>
    conv(
      x,
      graph.constant(w.name, padded(w.constant as Tensor, [outputs, inputs, 1, 1])), // asked before
      b && (outputs === wide ? graph.constant(b.name, padded(b.constant as Tensor, [wide])) : b), // asked before
      { ...attrs, name: node.name },
    );
  const [channels = 0] = fc2.w.constant?.shape ?? [];
  const [, inputs = 0] = fc1.w.constant?.shape ?? [];
  const second = insertBefore(fc2.node, () => {
    const between = replay(fc2.x, y, widened(fc1, wide, inputs));
    return between && widened({ ...fc2, x: between }, channels, wide);
  });
  if (second) replace(fc2.output, second);
  return second !== null;
}

/** `t` [m,k,...] in the corner of a tensor of zeros [M,K,...]. */
function padded(t: Tensor, shape: readonly number[]): Tensor {
  const row = t.shape[1] ?? 1;
  const [rows = 0, wide = 1] = shape;
  return computed(f32(...shape), async () => {
    const values = asFloat32(await readAll(t));
    const out = new Float32Array(rows * wide);
    for (let i = 0; i < values.length / row; i++) out.set(values.subarray(i * row, (i + 1) * row), i * wide);
    return out;
  });
}
