import type { Attribute } from "./attribute.js";
import type { Graph, Node, Value } from "./graph.js";
import { match } from "./match.js";
import { type Activation, BLOCK, call, int, ints, type WeightBlocker, weightBlocker } from "./nchwc.js";
import { add } from "./ops/add.js";
import { averagePool } from "./ops/average-pool.js";
import { concat } from "./ops/concat.js";
import { conv } from "./ops/conv.js";
import { globalAveragePool } from "./ops/global-average-pool.js";
import { globalMaxPool } from "./ops/global-max-pool.js";
import { maxPool } from "./ops/max-pool.js";
import { mul } from "./ops/mul.js";
import { int64s } from "./tensor.js";
import { f32, isRanked, type RankedType } from "./type.js";

/** A convolution that may still take a sum and an activation along, while nothing else reads it. */
interface Convolution {
  readonly name: string;
  readonly x: Value;
  readonly w: Value;
  readonly b: Value | null;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly type: RankedType;
  /** Where images are folded into the channels of one: how many. */
  readonly images?: number;
  readonly sum?: Value;
  readonly activation?: Activation;
  /** The plain weights and the bias of a 1x1 convolution of stride 1, which a gate can scale. */
  readonly kernel?: { readonly weight: Value; readonly bias: Value | null; readonly x: Value };
}

/**
 * What a convolution is to the blocked layout: of the image as it is, of each channel by itself, or of channels by blocks. Null where its channels
 * are no whole blocks, or its weights no float32 constants.
 */
export function kindOf(node: Node): "first" | "depthwise" | "dense" | null {
  const found = match(conv, node);
  const weight = found?.w.constant;
  if (weight?.dtype !== "float32" || (found?.b && !found.b.constant)) return null;
  const { group = 1 } = found?.attrs ?? {};
  const [outputs = 0, perGroup = 0] = weight.shape;
  const whole = (n: number): boolean => n % BLOCK === 0;
  if (group === 1 && perGroup < 8) return whole(outputs) ? "first" : null;
  if (perGroup === 1 && outputs === group) return whole(outputs) ? "depthwise" : null;
  return whole(perGroup) && whole(outputs / group) ? "dense" : null;
}

/** The values of a graph in blocked layout, made one node after the other. */
export class BlockedGraph {
  readonly #graph: Graph;
  readonly #blocker: WeightBlocker;
  readonly #values = new Map<Value, Value>();
  readonly #open = new Map<Value, Convolution>();
  /** Values that are there in both layouts. */
  readonly #plain = new Set<Value>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#blocker = weightBlocker(graph);
  }

  /** Computes `node` on blocked maps; false where that cannot be. */
  take(node: Node): boolean {
    const [output] = node.outputs;
    if (!output || node.domain) return false;
    switch (node.op) {
      case "Conv":
        return this.#conv(node, output);
      case "MaxPool":
      case "AveragePool":
      case "GlobalAveragePool":
      case "GlobalMaxPool":
        return this.#pool(node, output);
      case "Add":
        return this.#add(node, output);
      case "Mul":
        return this.#mul(node, output);
      case "Concat":
        return this.#concat(node, output);
      case "Identity":
      case "Dropout":
        return this.#pass(node, output);
      default:
        return this.#activation(node, output);
    }
  }

  /** `v` as everyone else reads it; null where it is that already. */
  plain(v: Value): Value | null {
    const blocked = this.#values.get(v);
    if (!blocked || this.#plain.has(v)) return null;
    const [, channels = 0, h, w] = shapeOf(v) ?? [];
    if (h === 1 && w === 1) return blocked; // a block of one pixel lies as its channels do
    return call(this.#graph, "ReorderOutput", v.name, [blocked], typeOf(v), {
      channels: int(channels),
      channels_last: int(0),
    });
  }

  #conv(node: Node, output: Value): boolean {
    const found = match(conv, node);
    const kind = kindOf(node);
    const weight = found?.w.constant;
    const type = typeOf(output);
    if (!found || !kind || !weight || !type) return false;
    const { attrs } = found;
    const kernel = weight.shape.slice(2);
    const first = kind === "first";
    const x = first ? (this.#values.has(found.x) ? null : found.x) : this.#blocked(found.x);
    if (!x) return false;
    const pointwise = [...kernel, ...attrs.strides].every((n) => n === 1) && attrs.pads.every((p) => p === 0);
    this.#emit(output, {
      name: node.name,
      x,
      w: kind === "dense" ? this.#blocker.both(found.w) : this.#blocker.outputs(found.w),
      b: found.b,
      attributes: {
        kernel_shape: ints(kernel),
        strides: ints(attrs.strides),
        pads: ints(attrs.pads),
        dilations: ints(attrs.dilations),
        group: int(attrs.group),
      },
      type,
      ...(pointwise && attrs.group === 1 && !first && { kernel: { weight: found.w, bias: found.b, x } }),
    });
    return true;
  }

  /** The blocked map of `v`, reordered where it is not yet blocked. */
  #blocked(v: Value): Value | null {
    const known = this.#values.get(v);
    const [, channels = 0] = shapeOf(v) ?? [];
    if (known || channels === 0 || channels % BLOCK) return known ?? null;
    const made = call(this.#graph, "ReorderInput", `${v.name}.blocked`, [v], typeOf(v), { channels_last: int(0) });
    this.#values.set(v, made);
    this.#plain.add(v);
    return made;
  }

  /** Writes a convolution as far as it is known; it is written again where it takes more along. */
  #emit(output: Value, c: Convolution): void {
    const { name, images = 1, type } = c;
    const fold = (v: Value, part: string): Value => {
      const [n = 1, channels = 1, ...size] = shapeOf(v) ?? [];
      return images === 1 ? v : this.#reshape(v, `${name}.${part}`, [1, n * channels, ...size]);
    };
    const inputs = [fold(c.x, "x"), c.w, c.b, ...(c.sum ? [fold(c.sum, "sum")] : [])];
    const { activation } = c;
    const made = call(this.#graph, "Conv", name, inputs, images === 1 ? type : null, {
      ...c.attributes,
      auto_pad: { kind: "string", value: "NOTSET" },
      ...(activation && { activation: { kind: "string", value: activation.name } }),
      ...(activation?.params.length && { activation_params: { kind: "floats", value: activation.params } }),
    });
    this.#values.set(output, images === 1 ? made : this.#reshape(made, `${name}.apart`, shapeOf(output) ?? []));
    if (output.uses.length === 1 && !activation) this.#open.set(output, c);
  }
  #reshape(v: Value, name: string, shape: readonly number[]): Value {
    const to = this.#graph.constant(`${name}.shape`, int64s(shape));
    return call(this.#graph, "Reshape", name, [v, to], f32(...shape), {}, "");
  }

  #pool(node: Node, output: Value): boolean {
    const found =
      match(maxPool, node) ?? match(averagePool, node) ?? match(globalAveragePool, node) ?? match(globalMaxPool, node);
    const x = found && this.#values.get(found.x);
    if (!x) return false;
    this.#values.set(output, call(this.#graph, node.op, node.name, [x], typeOf(output), node.attributes));
    return true;
  }

  /** A sum goes into the convolution that makes one of its sides. */
  #add(node: Node, output: Value): boolean {
    const found = match(add, node);
    const sides = found && [found.a, found.b];
    if (!sides || sides.some((v) => !sameShape(v, output)) || !sides.some((v) => this.#values.has(v))) return false;
    const [a, b] = sides.map((v) => this.#blocked(v));
    if (!a || !b) return false;
    const [into] = sides.filter((v) => this.#canTakeSum(v)).sort((p, q) => this.#rank(q) - this.#rank(p));
    const open = into && this.#open.get(into);
    if (open) this.#emit(output, { ...open, sum: into === sides[0] ? b : a });
    else this.#values.set(output, call(this.#graph, "Add", node.name, [a, b], typeOf(output), {}, ""));
    return true;
  }
  #canTakeSum(v: Value): boolean {
    const open = this.#open.get(v);
    return open !== undefined && !open.sum;
  }
  /** A convolution whose weights are computed takes a sum rather than one whose weights are not, and a later one rather than an earlier. */
  #rank(v: Value): number {
    const dynamic = this.#open.get(v)?.w.constant === null && !this.#open.get(v)?.kernel;
    return [...this.#open.keys()].indexOf(v) + (dynamic ? this.#open.size : 0);
  }

  /** A gate [N,C,1,1] on a map. */
  #mul(node: Node, output: Value): boolean {
    const found = match(mul, node);
    if (!found) return false;
    const isGate = (v: Value): boolean =>
      shapeOf(v)
        ?.slice(2)
        .every((d) => d === 1) ?? false;
    const [map, gate] = isGate(found.a) ? [found.b, found.a] : [found.a, found.b];
    const [x, g] = [this.#values.get(map), this.#values.get(gate)];
    const shape = shapeOf(map);
    if (!x || !g || !shape || !sameShape(map, output)) return false;
    if (sameShape(gate, map)) {
      this.#values.set(output, call(this.#graph, "Mul", node.name, [x, g], typeOf(output), {}, ""));
      return true;
    }
    const [n = 1, channels = 0, h = 1, w = 1] = shape;
    if (!isGate(gate) || shapeOf(gate)?.[1] !== channels) return false;
    const k = this.#reshape(g, `${node.name}.kernel`, [n * channels, 1, 1, 1]);
    const before = this.#open.get(map);
    const inputs = before?.kernel?.weight.constant?.shape[1] ?? 0;
    if (n === 1 && before?.kernel && !before.sum && inputs < 2 * h * w)
      this.#emit(output, this.#scaledWeights(node.name, before, k, g));
    else
      this.#emit(output, {
        name: node.name,
        x,
        w: k,
        b: null,
        attributes: POINTWISE(n * channels),
        type: f32(...shape),
        images: n,
      });
    return true;
  }

  /** g * (W x + b) = (g W) x + g b: cheaper than scaling the map where that is larger than the weights. */
  #scaledWeights(name: string, c: Convolution, k: Value, g: Value): Convolution {
    const { weight, bias, x } = c.kernel as NonNullable<Convolution["kernel"]>; // asked before
    const [outputs = 0, inputs = 0] = weight.constant?.shape ?? [];
    const map = this.#reshape(c.w, `${name}.weight.map`, [1, outputs, inputs, 1]); // blocked weights lie as a blocked map does
    const scaled = call(this.#graph, "Conv", `${name}.weight`, [map, k], f32(1, outputs, inputs, 1), {
      ...POINTWISE(outputs),
      auto_pad: { kind: "string", value: "NOTSET" },
    });
    const w = this.#reshape(scaled, `${name}.weight.kernel`, [outputs, inputs, 1, 1]);
    const b = bias?.constant
      ? call(
          this.#graph,
          "Mul",
          `${name}.bias`,
          [g, this.#graph.constant(`${bias.name}.map`, { ...bias.constant, shape: [1, outputs, 1, 1] })],
          f32(1, outputs, 1, 1),
          {},
          "",
        )
      : null;
    return { name, x, w, b, attributes: c.attributes, type: c.type };
  }

  #concat(node: Node, output: Value): boolean {
    const found = match(concat, node);
    const maps = node.inputs.map((v) => v && this.#values.get(v));
    if (found?.attrs.axis !== 1 || !maps.every((v) => v !== null && v !== undefined)) return false;
    this.#values.set(output, call(this.#graph, "Concat", node.name, maps, typeOf(output), { axis: int(1) }, ""));
    return true;
  }

  #pass(node: Node, output: Value): boolean {
    const [x] = node.inputs;
    const map = x && this.#values.get(x);
    if (!x || !map || output.uses.some((u) => !u.node)) return false;
    this.#values.set(output, map);
    const open = this.#open.get(x);
    if (open && output.uses.length === 1) this.#open.set(output, open);
    return true;
  }

  /** An activation goes into the convolution before it, where blocked convolutions have it. */
  #activation(node: Node, output: Value): boolean {
    const [x, ...others] = node.inputs;
    const map = x && this.#values.get(x);
    if (!x || !map || !ELEMENTWISE.has(node.op)) return false;
    const open = this.#open.get(x);
    const fused = others.length ? null : fusedActivation(node);
    if (open && fused) this.#emit(output, { ...open, activation: fused });
    else {
      const inputs = [map, ...others];
      this.#values.set(output, call(this.#graph, node.op, node.name, inputs, typeOf(output), node.attributes, ""));
    }
    return true;
  }
}

const POINTWISE = (group: number): Readonly<Record<string, Attribute>> => ({
  kernel_shape: ints([1, 1]),
  strides: ints([1, 1]),
  pads: ints([0, 0, 0, 0]),
  dilations: ints([1, 1]),
  group: int(group),
});

/** Functions of one number, whose operators take a blocked map as any other; second inputs of Clip are scalars. */
const ELEMENTWISE = /* @__PURE__ */ new Set([
  "Relu",
  "Sigmoid",
  "Tanh",
  "HardSigmoid",
  "HardSwish",
  "LeakyRelu",
  "Clip",
]);

function fusedActivation({ op, attributes }: Node): Activation | null {
  const number = (name: string, otherwise: number): number => {
    const a = attributes[name];
    return a?.kind === "float" ? a.value : otherwise;
  };
  if (op === "Relu" || op === "Sigmoid" || op === "Tanh") return { name: op, params: [] };
  if (op === "LeakyRelu") return { name: op, params: [number("alpha", 0.01)] };
  if (op === "HardSigmoid") return { name: op, params: [number("alpha", 0.2), number("beta", 0.5)] };
  return null;
}

const typeOf = ({ type }: Value): RankedType | null => (isRanked(type) ? type : null);
/** A shape of known lengths. */
function shapeOf(v: Value): readonly number[] | null {
  const shape = typeOf(v)?.shape;
  return shape?.every((d) => typeof d === "number") ? shape : null;
}
const sameShape = (a: Value, b: Value): boolean => {
  const [s, t] = [shapeOf(a), shapeOf(b)];
  return s !== null && t !== null && s.join() === t.join();
};
