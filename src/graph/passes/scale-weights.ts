import { insertBefore, remove, replace } from "../edit.js";
import { gatedMap, shapeOf } from "../gated-map.js";
import type { Value } from "../graph.js";
import { match } from "../match.js";
import type { Match } from "../op.js";
import { add } from "../ops/add.js";
import { conv } from "../ops/conv.js";
import { mul } from "../ops/mul.js";
import { relu } from "../ops/relu.js";
import { reshape } from "../ops/reshape.js";
import type { Pass, Skip } from "../pass.js";
import { type ResidualSum, residualSum } from "../residual-sum.js";
import { float32s, int64s, type Tensor } from "../tensor.js";
import { elements } from "../type.js";
import { removeDeadCode } from "./remove-dead-code.js";

/** The map must have this many times the numbers of the weights. */
const LARGER = 4;

type Product = Match<typeof mul.def.inputs, typeof mul.def.attributes>;

/**
 * A 1x1 convolution, a gate [N,C,1,1] on what it makes and the residual sum after it become one convolution with weights of their own for each image,
 * in N groups, where maps are large and weights few: g (W x + b) + s = (g W) x + g b + s. ONNX Runtime's processor builds take sum and ReLU into it.
 */
export const scaleWeights: Pass = {
  name: "scale-weights",
  run(graph) {
    removeDeadCode.run(graph); // what nobody reads any more would seem to need the map
    let applied = 0;
    const skipped: Skip[] = [];
    for (const node of graph.nodes) {
      const found = match(mul, node);
      const answer = found && scaled(found);
      if (typeof answer === "string") skipped.push({ node: node.name, reason: answer });
      else if (answer) applied++;
    }
    return { applied, skipped };
  },
};

/** Rewrites the product and what follows; a reason where it cannot, null where this is no gate on a convolution's map. */
function scaled({ a, b, node, output }: Product): true | string | null {
  const found = gatedMap(a, b);
  const source = match(conv, found?.x.producer);
  const weight = source?.w.constant;
  if (!found || !source || !weight || (source.b && !source.b.constant)) return null;
  const { x, gate } = found;
  const [, inputs = 0, ...kernel] = weight.shape;
  const { pads, strides, group } = source.attrs;
  if ([...kernel, ...strides, group].some((d) => d !== 1) || pads.some((p) => p !== 0))
    return "the convolution before it is no 1x1 of stride 1";
  const [n, channels, ...size] = shapeOf(output);
  if (n === undefined || channels === undefined || size.length !== 2) return "its shape is not known: give --batch";
  if (shapeOf(gate).join() !== `${n},${channels},1,1`) return "its gate has another number of channels or images";
  if (weight.dtype !== "float32") return "only float32 is rewritten";
  if (x.uses.length > 1) return "something else reads what it scales";
  if (LARGER * inputs > elements(size)) return `the map is not ${LARGER} times as large as the weights`;
  const sum = residualSum(output);
  if (typeof sum === "string") return sum;

  const { name } = node;
  const shift = source.b?.constant ?? float32s(Array<number>(channels).fill(0));
  const layer: Layer = { x: source.x, weight: { ...weight, shape: [1, channels, inputs, 1] }, shift, gate };
  const end = activationOf(sum);
  replace(
    end ?? sum.output,
    insertBefore(sum.node, () => block(layer, sum, end, name)),
  );
  for (const part of [end?.producer, sum.node, node]) if (part) remove(part);
  return true;
}

interface Layer {
  readonly x: Value;
  /** [1,C,I,1] */
  readonly weight: Tensor;
  /** C numbers */
  readonly shift: Tensor;
  readonly gate: Value;
}

/**
 * (g W) x + g b + s of every image, and its ReLU where `end` is one. Pixels are one row and the stride along the rows, of which there is one, is 2:
 * what is no plain matrix product to ONNX Runtime it computes in parts, and each thread adds and clips its own, where one thread would clip them all.
 */
function block({ x, weight, shift, gate }: Layer, { shortcut }: ResidualSum, end: Value | null, name: string): Value {
  const { graph } = x;
  const [n = 0, channels = 0, ...size] = shapeOf(shortcut);
  const [, , inputs = 0] = weight.shape;
  const view = (v: Value, part: string, ...shape: number[]): Value =>
    reshape(v, graph.constant(`${name}.${part}.shape`, int64s(shape)), { name: `${name}.${part}` });
  const scale = (part: string, of: Tensor): Value =>
    mul(graph.constant(`${name}.${part}.map`, of), gate, { name: `${name}.${part}.scaled` });
  const weights = view(scale("weight", weight), "weight", n * channels, inputs, 1, 1);
  const bias = view(scale("bias", { ...shift, shape: [1, channels, 1, 1] }), "bias", n * channels);
  const images = view(x, "images", 1, n * inputs, 1, elements(size));
  const y = conv(images, weights, bias, { name, kernel_shape: [1, 1], strides: [2, 1], group: n });
  const sum = add(y, view(shortcut, "shortcut", 1, n * channels, 1, elements(size)), { name: `${name}.sum` });
  return view(end ? relu(sum, { name: `${name}.relu` }) : sum, "apart", n, channels, ...size);
}

/** The ReLU that alone reads the sum. */
function activationOf({ node, output }: ResidualSum): Value | null {
  const [use, ...others] = output.uses;
  const found = match(relu, use?.node);
  return found && !others.length && use?.graph === node.graph ? found.output : null;
}
