import { gatedMap, shapeOf } from "../gated-map.js";
import type { Value } from "../graph.js";
import { match } from "../match.js";
import { conv } from "../ops/conv.js";
import { mul } from "../ops/mul.js";
import { reshape } from "../ops/reshape.js";
import { type Pass, rewrite } from "../pass.js";
import { int64s, type Tensor } from "../tensor.js";
import { elements } from "../type.js";
import { removeDeadCode } from "./remove-dead-code.js";

/** Images from which it is done: each is a group, and ONNX Runtime computes a group on one thread. */
const ENOUGH_IMAGES = 8;
/** The map must have this many times the numbers of the weights. */
const LARGER = 4;

const scaling = /* @__PURE__ */ rewrite("scale-weights", mul, ({ a, b, node, output }) => {
  const found = gatedMap(a, b);
  const source = match(conv, found?.x.producer);
  const [n, channels, ...size] = shapeOf(output);
  const weight = source?.w.constant;
  const bias = source?.b ? source.b.constant : null;
  if (!found || !source || !weight || (source.b && !bias)) return null;
  const { x, gate } = found;
  const [, inputs = 0, ...kernel] = weight.shape;
  const { pads, strides, group } = source.attrs;
  if ([...kernel, ...strides, group].some((d) => d !== 1) || pads.some((p) => p !== 0))
    return "the convolution before it is no 1x1 of stride 1";
  if (n === undefined || channels === undefined || size.length !== 2) return "its shape is not known: give --batch";
  if (n < ENOUGH_IMAGES) return `it is of ${n} images, and ${ENOUGH_IMAGES} are needed to keep threads busy`;
  if (shapeOf(gate).join() !== `${n},${channels},1,1`) return "its gate has another number of channels or images";
  if (x.uses.length > 1) return "something else reads what it scales";
  if (LARGER * inputs > elements(size)) return `the map is not ${LARGER} times as large as the weights`;

  const { graph } = x;
  const { name } = node;
  const view = (v: Value, part: string, ...shape: number[]): Value =>
    reshape(v, graph.constant(`${name}.${part}.shape`, int64s(shape)), { name: `${name}.${part}` });
  const scaled = (part: string, of: Tensor, shape: readonly number[]): Value =>
    mul(graph.constant(`${name}.${part}.map`, { ...of, shape }), gate, { name: `${name}.${part}.scaled` });
  const weights = view(scaled("weight", weight, [1, channels, inputs, 1]), "weight", n * channels, inputs, 1, 1);
  const shift = bias && view(scaled("bias", bias, [1, channels, 1, 1]), "bias", n * channels);
  const images = view(source.x, "images", 1, n * inputs, ...size);
  const y = conv(images, weights, shift, { name, kernel_shape: [1, 1], group: n });
  return view(y, "apart", n, channels, ...size);
});

/**
 * A 1x1 convolution and a gate [N,C,1,1] on what it makes become one convolution with weights of their own for each image, in N groups:
 * g (W x + b) = (g W) x + g b, where maps are large and weights few.
 */
export const scaleWeights: Pass = {
  name: scaling.name,
  run(graph) {
    removeDeadCode.run(graph); // what nobody reads any more would seem to need the map
    return scaling.run(graph);
  },
};
