import { insertBefore, remove, replace } from "../edit.js";
import type { Value } from "../graph.js";
import { asKernel, asVector } from "../matrix.js";
import { conv } from "../ops/conv.js";
import { globalAveragePool } from "../ops/global-average-pool.js";
import { mul } from "../ops/mul.js";
import type { Pass, Skip } from "../pass.js";
import { replay } from "../replay.js";
import { blocksOf, type SqueezeExcite } from "../squeeze-excite.js";
import { isRanked } from "../type.js";

/**
 * SE in its shortest form: x * gate(Conv(f(Conv(GlobalAveragePool(x))))), 1x1 convolutions for layers, so that no reshape, no Expand and no shape
 * arithmetic is left and the gate keeps the layout of the map. The numbers are those of Gemm or MatMul.
 */
export const gateToConv: Pass = {
  name: "gate-to-conv",
  run(graph) {
    let applied = 0;
    const skipped: Skip[] = [];
    for (const block of blocksOf(graph).toReversed()) {
      // the last first: a block may scale what the one before it has scaled, whose product gives way
      if (isShortest(block)) continue;
      const answer = insertBefore(block.scale, () => shortest(block));
      if (typeof answer === "string") skipped.unshift({ node: block.name, reason: answer });
      else {
        replace(block.scale.outputs[0] as Value, answer); // a Mul has one output
        remove(block.scale);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

function isShortest({ x, fc1, fc2, gate, scale }: SqueezeExcite): boolean {
  const pool = fc1.x.producer;
  return (
    [fc1, fc2].every((layer) => layer.form === "conv" && layer.y.producer?.op === "Conv") &&
    pool?.op === "GlobalAveragePool" &&
    pool.inputs[0] === x &&
    scale.inputs.includes(gate)
  );
}

function shortest({ x, fc1, fc2, gate, squeeze, scale }: SqueezeExcite): Value | string {
  if (squeeze !== "avg") return `its squeeze is ${squeeze}, and only the mean is rewritten`;
  if (isRanked(x.type) && x.type.shape.length !== 4)
    return `its map has rank ${x.type.shape.length}, and not [N,C,H,W]`;
  const tensors = [fc1, fc2].flatMap(({ weight, bias }) => (bias ? [weight.tensor, bias] : [weight.tensor]));
  const other = tensors.find((t) => t.dtype !== "float32");
  if (other) return `only float32 is rewritten, and a layer has ${other.dtype}`;
  if (!keepsPrecision(fc1.x, x) || !scale.inputs.some((v) => v && keepsPrecision(v, gate)))
    return "its squeeze or its gate is rounded to another precision on the way";
  const layer = (v: Value, { weight, bias, outputs, y }: SqueezeExcite["fc1"]): Value => {
    const name = y.producer?.name ?? "";
    const w = x.graph.constant(`${name}.weight`, asKernel(weight));
    const b = bias && x.graph.constant(`${name}.bias`, asVector(bias, outputs));
    return conv(v, w, b, { name, kernel_shape: [1, 1] });
  };
  const hidden = replay(fc2.x, fc1.y, layer(globalAveragePool(x, { name: `${scale.name}.squeeze` }), fc1));
  if (!hidden) return "what stands between its layers is no function of one number";
  const opened = replay(gate, fc2.y, layer(hidden, fc2));
  return opened ? mul(x, opened, { name: scale.name }) : "its gate is no function of one number";
}

const ROUNDING = /* @__PURE__ */ new Set(["Cast", "QuantizeLinear", "DequantizeLinear"]);

/** Whether `value` is made of `source`, and no operator on the way, first input by first input, is there to round. */
function keepsPrecision(value: Value, source: Value): boolean {
  for (let v: Value | null = value; v; v = v.producer?.inputs[0] ?? null) {
    if (v === source) return true;
    if (v.producer && ROUNDING.has(v.producer.op)) return false;
  }
  return false;
}
