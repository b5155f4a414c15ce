import { insertBefore, remove, replace } from "../edit.js";
import type { Value } from "../graph.js";
import { call, int, ints } from "../nchwc/call.js";
import { mul } from "../ops/mul.js";
import type { Pass, Skip } from "../pass.js";
import { findSqueezeExcite, type SqueezeExcite } from "../squeeze-excite.js";
import { float32s } from "../tensor.js";
import { isRanked } from "../type.js";

/**
 * Gives an SE block's gate the size of its map by Resize, and follows the product by a depthwise 1x1 convolution with ones. ONNX Runtime's CPU provider
 * then keeps both in its blocked layout, and fuses the residual sum and ReLU into the convolution; a product of [N,C,H,W] and [N,C,1,1] it does not.
 */
export const spreadGate: Pass = {
  name: "spread-gate",
  run(graph) {
    let applied = 0;
    const skipped: Skip[] = [];
    for (const block of findSqueezeExcite(graph)) {
      const answer = insertBefore(block.scale, () => spread(block));
      if (typeof answer === "string") skipped.push({ node: block.name, reason: answer });
      else {
        replace(block.scale.outputs[0] as Value, answer); // a Mul has one output
        remove(block.scale);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

function spread({ x, gate, scale, channels }: SqueezeExcite): Value | string {
  const shape = isRanked(x.type) ? x.type.shape : [];
  const [n, , h, w] = shape;
  if (typeof n !== "number" || typeof h !== "number" || typeof w !== "number")
    return "batch and size are not known: give --batch and --input-size";
  if (!isRanked(gate.type) || gate.type.shape.length !== 4 || !scale.inputs.includes(gate))
    return "its gate is no map [N,C,1,1]: gate-to-conv makes it so";
  const { graph, name } = { graph: x.graph, name: scale.name };
  const scales = graph.constant(`${name}.scales`, float32s([1, 1, h, w]));
  const resized = call(graph, "Resize", `${name}.spread`, [gate, null, scales], x.type as typeof gate.type, RESIZE, "");
  const product = mul(x, resized, { name });
  const ones = graph.constant(`${name}.ones`, float32s(Array<number>(channels).fill(1), [channels, 1, 1, 1]));
  const attributes = { kernel_shape: ints([1, 1]), group: int(channels) };
  return call(graph, "Conv", `${name}.carry`, [product, ones], x.type as typeof gate.type, attributes, "");
}

const RESIZE = {
  mode: { kind: "string", value: "nearest" },
  coordinate_transformation_mode: { kind: "string", value: "asymmetric" },
  nearest_mode: { kind: "string", value: "floor" },
} as const;
