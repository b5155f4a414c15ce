import { gatedMap, shapeOf } from "../gated-map.js";
import type { Value } from "../graph.js";
import { match } from "../match.js";
import { appendInput, appendOutput } from "../matrix.js";
import type { Match } from "../op.js";
import { conv } from "../ops/conv.js";
import { mul } from "../ops/mul.js";
import { relu } from "../ops/relu.js";
import { type Pass, rewrite } from "../pass.js";
import { replay } from "../replay.js";
import { residualSum, shortcutTakesSum } from "../residual-sum.js";
import { asFloat32, computed, readAll, type Tensor } from "../tensor.js";
import { f32 } from "../type.js";
import { elementwiseInput } from "../walk.js";
import { removeDeadCode } from "./remove-dead-code.js";

type Layer = Match<typeof conv.def.inputs, typeof conv.def.attributes>;

const gating = /* @__PURE__ */ rewrite("gate-to-kernel", mul, ({ a, b, node, output }) => {
  const found = gatedMap(a, b);
  if (!found) return null;
  const { x, gate } = found;
  const { graph } = node;
  const [n, channels = 0, ...size] = shapeOf(output);
  const second = layerBehind(gate);
  if (!second) return "its gate is no function of a 1x1 convolution with constant weights";
  if (n === undefined || size.length !== 2) return "its shape is not known: give --batch";
  if (n !== 1) return `it is of ${n} images, and a kernel is the gate of one`;
  if (shapeOf(x).join() !== shapeOf(output).join() || second.w.constant?.shape[0] !== channels)
    return "its gate has another number of channels";
  if (gate.uses.length > 1) return "something else reads its gate";
  const sum = residualSum(output);
  if (typeof sum === "string") return sum;
  if (shortcutTakesSum(sum)) return "the convolution on the other side of the sum takes the sum";
  const turned = turn(second);
  if (typeof turned === "string") return turned;
  const kernel = replay(gate, second.output, turned);
  if (!kernel) return "its gate is no function of one number";
  const zeros = graph.constant(
    `${node.name}.bias`,
    computed(f32(channels), async () => new Float32Array(channels)),
  );
  return conv(x, kernel, zeros, { name: node.name, kernel_shape: [1, 1], group: channels });
});

/**
 * A gate on a map of one image, before a residual sum, becomes the kernel of a depthwise convolution, with which ONNX Runtime's processor builds
 * fuse the sum and the ReLU after it: x * g + s in one kernel. They do so for convolutions with a bias alone, hence the zeros. The gate comes out as
 * a kernel [C,1,1,1] where its second layer W2 h has the operands exchanged: the rows of W2 are images [C,R,1,1], h is the kernel [1,R,1,1].
 */
export const gateToKernel: Pass = {
  name: gating.name,
  run(graph) {
    removeDeadCode.run(graph); // what nobody reads any more would seem to need the map and the gate
    return gating.run(graph);
  },
};

/** The 1x1 convolution that `gate` is a function of, number by number. */
const layerBehind = (gate: Value): Layer | null => pointwise(gate.producer && elementwiseInput(gate.producer));

/** The convolution that makes `value`, where it is a plain 1x1 one of constant float32 weights. */
function pointwise(value: Value | null): Layer | null {
  const found = match(conv, value?.producer);
  const weight = found?.w.constant;
  if (!found || weight?.dtype !== "float32" || (found.b && !found.b.constant)) return null;
  const { group, strides, pads } = found.attrs;
  const ones = [group, ...strides, ...weight.shape.slice(2)].every((d) => d === 1);
  return ones && pads.every((p) => p === 0) ? found : null;
}

/** W h + b as [C,1,1,1], the rows of W as images; a bias takes one more number of h, which is 1. */
function turn({ x, w, b, node }: Layer): Value | string {
  const { graph, name } = node;
  const [weight, bias] = [w.constant, b?.constant];
  if (!weight) return "its second layer has no constant weights";
  const hidden = bias ? withOne(x) : x;
  if (!hidden) return "its second layer has a bias, and no ReLU of a 1x1 convolution before it to make a one";
  const rows = graph.constant(`${name}.rows`, bias ? appendInput(weight, bias) : weight);
  return conv(rows, hidden, null, { name, kernel_shape: [1, 1] });
}

/** `hidden`, a ReLU of a layer, with one more channel, which is 1: ReLU(0 x + 1). */
function withOne(hidden: Value): Value | null {
  const activation = match(relu, hidden.producer);
  const first = pointwise(activation?.x ?? null);
  const weight = first?.w.constant;
  if (!activation || !first || !weight) return null;
  const { graph, name } = first.node;
  const [outputs = 0] = weight.shape;
  const w = graph.constant(`${name}.weight.one`, appendOutput(weight));
  const b = graph.constant(`${name}.bias.one`, biasWithOne(first.b?.constant ?? null, outputs));
  return relu(conv(first.x, w, b, { name, kernel_shape: [1, 1] }), { name: activation.node.name });
}

const biasWithOne = (bias: Tensor | null, outputs: number): Tensor =>
  computed(f32(outputs + 1), async () => {
    const out = new Float32Array(outputs + 1);
    if (bias) out.set(asFloat32(await readAll(bias)));
    out[outputs] = 1;
    return out;
  });
