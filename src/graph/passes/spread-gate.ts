import { gatedMap } from "../gated-map.js";
import type { Value } from "../graph.js";
import { match } from "../match.js";
import { conv } from "../ops/conv.js";
import { mul } from "../ops/mul.js";
import { rewrite } from "../pass.js";
import { residualSum, shortcutTakesSum } from "../residual-sum.js";
import { float32s } from "../tensor.js";
import { isRanked, tensorType } from "../type.js";
import { elementwiseInput } from "../walk.js";

/** First opset whose Resize needs no region. */
const OPSET = 13;

/**
 * A gate [N,C,1,1] before a residual sum is repeated for every pixel. ONNX Runtime's processor builds keep a product of two maps of one shape in
 * blocks of channels, where its convolutions are; a product that repeats one of them is computed outside, with two reorderings of the map. A
 * depthwise convolution of ones gives the sum and the ReLU behind it something to be fused with, where no convolution on the shortcut does.
 */
export const spreadGate = /* @__PURE__ */ rewrite("spread-gate", mul, ({ a, b, node, output }) => {
  const found = gatedMap(a, b);
  if (!found?.x.producer) return null;
  const { x, gate } = found;
  const { graph, name } = node;
  const [n = null, channels, height, width] = isRanked(output.type) ? output.type.shape : [];
  if (typeof channels !== "number" || typeof height !== "number" || typeof width !== "number")
    return "the size of its map is not known: give --input-size";
  if (!isRanked(gate.type) || n === null || gate.type.shape[0] !== n || gate.type.shape[1] !== channels)
    return "its gate has another number of channels or images";
  if (x.type?.kind !== "tensor" || x.type.dtype !== "float32") return "only float32 is rewritten";
  if ((graph.opsets.get("") ?? 1) < OPSET) return `it needs opset ${OPSET}: the model has an older one`;
  const layer = gate.producer && elementwiseInput(gate.producer)?.producer;
  if (!match(conv, layer) || !match(conv, x.producer)) return "gate and map are not made by convolutions";
  const sum = residualSum(output);
  if (typeof sum === "string") return sum;

  const map = mul(x, spread(gate, `${name}.spread`, [height, width]), { name: `${name}.scaled` });
  if (shortcutTakesSum(sum)) return map;
  const ones = float32s(Array<number>(channels).fill(1), [channels, 1, 1, 1]);
  return conv(map, graph.constant(`${name}.ones`, ones), null, { name, kernel_shape: [1, 1], group: channels });
});

/** `gate` [N,C,1,1] repeated to [N,C,H,W].  https://onnx.ai/onnx/operators/onnx__Resize.html */
function spread(gate: Value, name: string, size: readonly number[]): Value {
  const { graph, type } = gate;
  const [n = null, channels = null] = isRanked(type) ? type.shape : [];
  const node = graph.add({
    op: "Resize",
    name,
    inputs: [gate, null, graph.constant(`${name}.scales`, float32s([1, 1, ...size]))],
    attributes: {
      mode: { kind: "string", value: "nearest" },
      coordinate_transformation_mode: { kind: "string", value: "asymmetric" },
      nearest_mode: { kind: "string", value: "floor" },
    },
    outputs: [{ name, type: tensorType("float32", [n, channels, ...size]) }],
  });
  return node.outputs[0] as Value; // one output was asked for
}
