import type { Value } from "../graph.js";
import { match } from "../match.js";
import { mul } from "../ops/mul.js";
import { f32 } from "../type.js";
import { blockedType, call, int, reshape, sameShape, shapeOf, whole } from "./call.js";
import { type Convolution, emit, POINTWISE } from "./convolution.js";
import { hardSwishInput } from "./hard-swish.js";
import { canWait } from "./late-gate.js";
import type { Rule } from "./layout.js";

const isGate = (v: Value): boolean =>
  shapeOf(v)
    ?.slice(2)
    .every((d) => d === 1) ?? false;

/**
 * A gate [N,C,1,1] times a map: a depthwise convolution whose weights are the gate, or, where the convolutions before or behind have fewer weights than
 * the map has numbers, those convolutions with their weights scaled. Maps of one size are multiplied as they lie.
 */
export const gate: Rule = (node, output, layout) => {
  const found = match(mul, node);
  if (!found) return false;
  const swished = hardSwishInput(node);
  const convolution = swished && layout.open.get(swished);
  if (convolution) {
    emit(output, layout, { ...convolution, activation: { name: "HardSwish", params: [] } });
    return true;
  }
  const [map, factor] = isGate(found.a) ? [found.b, found.a] : [found.a, found.b];
  const [x, g] = [layout.maps.get(map), layout.maps.get(factor)];
  const [n = 1, channels = 0, h = 1, w = 1] = shapeOf(map) ?? [];
  if (!x || !g || !channels || !sameShape(map, output)) return false;
  if (sameShape(factor, map)) {
    layout.maps.set(output, call(output.graph, "Mul", node.name, [x, g], blockedType(output), {}, ""));
    return true;
  }
  if (!isGate(factor) || shapeOf(factor)?.[1] !== channels) return false;
  if (canWait(output, factor)) {
    layout.maps.set(output, x);
    layout.late.set(output, g);
    return true;
  }
  const wide = whole(channels);
  const k = reshape(g, `${node.name}.kernel`, [n * wide, 1, 1, 1]);
  const before = layout.open.get(map);
  const inputs = before?.kernel?.weight.constant?.shape[1] ?? 0;
  const fewWeights = n === 1 ? inputs < 2 * h * w : 2 * inputs < h * w;
  const scaled = !before?.sum && fewWeights && before && scaledWeights(node.name, before, k, g, n);
  const attributes = POINTWISE(n * wide);
  emit(
    output,
    layout,
    scaled || { name: node.name, x, w: k, b: null, attributes, type: f32(n, wide, h, w), images: n },
  );
  return true;
};

/** g * (W x + b) = (g W) x + g b, for n images with a group for each. Null where the convolution is not one of plain 1x1 weights. */
function scaledWeights(
  name: string,
  { kernel, w: blocked, attributes, type }: Convolution,
  k: Value,
  g: Value,
  n: number,
): Convolution | null {
  const [outputs = 0, inputs = 0] = kernel?.weight.constant?.shape ?? [];
  if (!kernel) return null;
  const { graph } = g;
  const map = reshape(blocked, `${name}.weight.map`, [1, outputs, inputs, 1]); // blocked weights lie as a blocked map does
  const axis = { axis: int(1) };
  const maps = n === 1 ? map : call(graph, "Concat", `${name}.weight.maps`, Array(n).fill(map), null, axis, "");
  const scaled = call(graph, "Conv", `${name}.weight`, [maps, k], f32(1, n * outputs, inputs, 1), {
    ...POINTWISE(n * outputs),
    auto_pad: { kind: "string", value: "NOTSET" },
  });
  const bias = kernel.bias?.constant;
  const shift = bias && graph.constant(`${kernel.bias?.name}.map`, { ...bias, shape: [1, outputs, 1, 1] });
  return {
    name,
    x: kernel.x,
    w: reshape(scaled, `${name}.weight.kernel`, [n * outputs, inputs, 1, 1]),
    b: shift ? call(graph, "Mul", `${name}.bias`, [g, shift], f32(n, outputs, 1, 1), {}, "") : null,
    attributes: { ...attributes, group: int(n) },
    type,
    images: n,
  };
}
