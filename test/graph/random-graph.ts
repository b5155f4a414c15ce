import type { Attribute, Attributes } from "../../src/graph/attribute.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { float32s, int64s, type Tensor } from "../../src/graph/tensor.js";
import { elements, f32 } from "../../src/graph/type.js";

const int = (value: number): Attribute => ({ kind: "int", value });
const ints = (...value: number[]): Attribute => ({ kind: "ints", value });

/** The tag and length of ValueInfoProto's doc_string, and a letter. */
const DOC = Uint8Array.of(0x1a, 1, 0x64);
const H = 5;
const W = 3;

/** Writes nodes as a file has them, one fragment after another, each [N,C,5,3] -> [N,C,5,3] unless it says so. */
class Writer {
  readonly graph: Graph;
  readonly channels: number;
  #count = 0;
  #state: number;

  constructor(seed: number, opset: number, channels: number) {
    this.graph = new Graph("random", { opset });
    this.channels = channels;
    this.#state = seed;
  }
  /** A whole number below `n`. */
  pick(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }
  add(op: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    const name = `${op}${this.#count++}`;
    return this.graph.add({ op, name, inputs, attributes, outputs: [{ name: `${name} out`, type: null }] }).outputs[0]!;
  }
  constant(tensor: Tensor, documented = false): Value {
    return this.graph.constant(`c${this.#count++}`, tensor, documented ? [DOC] : []);
  }
  number(n: number): Value {
    return this.constant(float32s([n], []));
  }
  lengths(...n: number[]): Value {
    return this.constant(int64s(n));
  }
  weights(size: number, ...shape: number[]): Value {
    const phase = this.pick(100);
    const wave = Array.from({ length: elements(shape) }, (_, i) => size * Math.sin(1.3 * i + phase));
    return this.constant(float32s(wave, shape));
  }
  /** A 1x1 convolution to so many channels; outputs are about as large as inputs. */
  conv(x: Value, inputs: number, outputs: number, { group = 1, bias = false } = {}): Value {
    const perGroup = inputs / group;
    const weight = this.weights(1.2 / Math.sqrt(perGroup), outputs, perGroup, 1, 1);
    return this.add("Conv", [x, weight, bias ? this.weights(0.5, outputs) : null], { group: int(group) });
  }
  squeeze(v: Value, axes: readonly number[]): Value {
    return this.#moved("Squeeze", v, axes);
  }
  unsqueeze(v: Value, axes: readonly number[]): Value {
    return this.#moved("Unsqueeze", v, axes);
  }
  /** Axes are an attribute before opset 13. */
  #moved(op: string, v: Value, axes: readonly number[]): Value {
    return (this.graph.opsets.get("") ?? 0) < 13
      ? this.add(op, [v], { axes: ints(...axes) })
      : this.add(op, [v, this.lengths(...axes)]);
  }
  /** A name that callers know for `v`. */
  show(v: Value): void {
    this.graph.output(v, `y${this.graph.outputs.length}`);
  }
}
type Fragment = (w: Writer, x: Value) => Value;

const ramp: Fragment = (w, x) => {
  const shifted = w.add("Add", [x, w.number(3)]);
  return w.add("Div", [w.add("Clip", [shifted, w.number(0), w.number(6)]), w.number(6)]);
};
const normalized = (w: Writer, v: Value): Value => {
  const perChannel = (): Value => w.weights(1, w.channels);
  const positive = w.constant(float32s(Array.from({ length: w.channels }, (_, i) => 0.5 + (i % 4) / 2)));
  return w.add("BatchNormalization", [v, perChannel(), perChannel(), perChannel(), positive]);
};
const convolved: Fragment = (w, x) => w.conv(x, w.channels, w.channels);

/** SE with its layers as 1x1 convolutions. */
const convolvedGate = (w: Writer, x: Value, hidden: number, pool = "GlobalAveragePool"): Value => {
  const gate = gateOf(w, w.add(pool, [x]), w.channels, hidden);
  return w.add("Mul", w.pick(2) ? [x, gate] : [gate, x]);
};
const gateOf = (w: Writer, squeezed: Value, channels: number, hidden: number): Value => {
  const inner = w.add("Relu", [w.conv(squeezed, channels, hidden, { bias: w.pick(2) === 0 })]);
  return w.add("Sigmoid", [w.conv(inner, hidden, w.channels, { bias: w.pick(2) === 0 })]);
};
/** SE with its layers as matrices. */
const matrixGate: Fragment = (w, x) => {
  const hidden = w.channels / 2;
  const squeezed = w.add("Flatten", [w.add("GlobalAveragePool", [x])]);
  const transposed = { transB: int(1) };
  const inner = w.add("Relu", [w.add("Gemm", [squeezed, w.weights(1, hidden, w.channels)], transposed)]);
  const second = w.add("Gemm", [inner, w.weights(1, w.channels, hidden), w.weights(1, w.channels)], transposed);
  return w.add("Mul", [x, w.unsqueeze(w.add("Sigmoid", [second]), [2, 3])]);
};
/** As the last 1x1 convolution of a bottleneck is followed by SE, the sum and ReLU. */
const bottleneck: Fragment = (w, x) => {
  const narrow = w.add("Relu", [w.conv(x, w.channels, w.channels / 2)]);
  const wide = w.conv(narrow, w.channels / 2, w.channels, { bias: w.pick(2) === 0 });
  return w.add("Relu", [w.add("Add", [convolvedGate(w, wide, w.channels / 2), x])]);
};
/** The same where the squeeze was hoisted; ReLU or not. */
const hoisted: Fragment = (w, x) => {
  const narrow = w.add("Relu", [w.conv(x, w.channels, w.channels / 2)]);
  const wide = w.conv(narrow, w.channels / 2, w.channels, { bias: w.pick(2) === 0 });
  const gated = w.add("Mul", [wide, gateOf(w, w.add("GlobalAveragePool", [narrow]), w.channels / 2, w.channels)]);
  const sum = w.add("Add", [gated, x]);
  return w.pick(2) ? w.add("Relu", [sum]) : sum;
};
/** Class scores of nothing: channels' means, flattened by themselves, or read in both shapes. */
const means: Fragment = (w, x) => {
  const pooled = w.add("GlobalAveragePool", [x]);
  w.show(w.add("Flatten", [pooled]));
  return w.pick(2) ? w.add("Add", [x, pooled]) : x;
};
/** A convolution in 8 groups of 4 channels. */
const grouped: Fragment = (w, x) =>
  w.conv(w.conv(w.conv(x, w.channels, 32), 32, 32, { group: 8, bias: true }), 32, w.channels);

/** What exporters write, and what a pass must leave alone. */
const FRAGMENTS: readonly Fragment[] = [
  (w, x) => w.add("Relu", [w.add("Identity", [w.add("Dropout", [x])])]),
  (w, x) => {
    w.show(w.add("Identity", [w.graph.inputs[0]!])); // between two names that callers know
    return x;
  },
  (w, x) =>
    w.add("Mul", [
      x,
      w.add("Add", [w.weights(1, w.channels, 1, 1), w.add("Mul", [w.weights(1, w.channels, 1, 1), w.number(2)])]),
    ]),
  (w, x) => w.add("Add", [x, w.add("Sin", [w.weights(1, w.channels, 1, 1)])]), // has no kernel
  (w, x) => w.add("Add", [w.add("Cast", [w.add("Cast", [x], { to: int(11) })], { to: int(1) }), w.number(0.5)]),
  (w, x) => w.add("Add", [x, w.add("Cast", [w.add("Cast", [x], { to: int(7) })], { to: int(1) })]), // loses the fractions
  (w, x) => w.add("Transpose", [w.add("Transpose", [x], { perm: ints(0, 2, 3, 1) })], { perm: ints(0, 3, 1, 2) }),
  (w, x) => {
    const turned = w.add("Transpose", [w.graph.inputs[0]!], { perm: ints(1, 0, 2, 3) });
    w.show(w.add("Transpose", [turned], { perm: ints(1, 0, 2, 3) })); // back under another name that callers know
    return x;
  },
  (w, x) => {
    const flat = w.add("Flatten", [w.unsqueeze(x, [4])]);
    return w.add("Relu", [w.add("Reshape", [flat, w.lengths(-1, w.channels, H, W)])]);
  },
  (w, x) => {
    const n = w.add("Gather", [w.add("Shape", [x]), w.constant(int64s([0], []))]);
    const shape = w.add("Concat", [w.unsqueeze(n, [0]), w.lengths(-1)], { axis: int(0) });
    return w.add("Reshape", [w.add("Relu", [w.add("Reshape", [x, shape])]), w.lengths(0, w.channels, H, W)]);
  },
  (w, x) => {
    const open = w.graph.inputs[1]!;
    w.show(w.add("Reshape", [open, w.add("Shape", [w.add("Transpose", [open])])])); // two lengths that only the run knows
    return x;
  },
  (w, x) => w.add("Mul", [x, w.add("Expand", [w.weights(1, w.channels, 1, 1), w.add("Shape", [x])])]),
  (w, x) => {
    const wide = w.add("Expand", [w.weights(1, 1, 1, 1), w.lengths(w.channels, H, 1)]);
    w.show(w.add("Mul", [w.weights(1, w.channels, 1, 1), wide])); // makes the product longer than the other factor
    return x;
  },
  (w, x) => w.add("Mul", [x, ramp(w, x)]),
  (w, x) => ramp(w, x),
  (w, x) => {
    const clipped = w.add("Clip", [w.add("Add", [x, w.number(3)]), w.number(0), w.number(6)]);
    return w.add("Div", [w.add("Mul", [x, clipped]), w.number(6)]); // HardSwish, which opset 13 has not
  },
  (w, x) => normalized(w, convolved(w, x)),
  (w, x) => {
    const both = convolved(w, x);
    return w.add("Add", [both, normalized(w, both)]); // folding would change the other reader
  },
  (w, x) => {
    w.add("Relu", [w.add("Sqrt", [x])]); // nobody reads it
    return w.add("Max", [w.add("Add", [x, w.number(1.25)]), w.add("Mul", [x, w.number(1.25)])]);
  },
  (w, x) => w.add("Add", [w.add("Add", [x, w.number(2.5)]), w.constant(float32s([2.5], []), true)]), // the file says more of this one
  matrixGate,
  (w, x) => convolvedGate(w, x, 3),
  (w, x) => convolvedGate(w, x, 2, "GlobalMaxPool"),
  bottleneck,
  means,
  grouped,
  (w, x) => w.conv(w.conv(w.conv(x, w.channels, 32), 32, 16, { group: 8 }), 16, w.channels), // makes 2 channels of 4 in each group
];
/** What whole networks in blocks of 16 channels are made of. */
const BLOCKED: readonly Fragment[] = [
  bottleneck,
  grouped,
  (w, x) => convolvedGate(w, x, 16),
  (w, x) => w.add("Add", [convolved(w, x), x]),
  (w, x) => w.add("Relu", [w.conv(x, w.channels, w.channels, { bias: true })]),
  (w, x) => w.add("Sigmoid", [w.conv(x, w.channels, w.channels, { group: w.channels })]),
  (w, x) => w.add("Add", [normalized(w, convolved(w, x)), w.add("HardSigmoid", [x])]),
];

/** A graph of about eleven fragments, from x [N,4,5,3] and z [A,B]; every sixth one of 32 channels for two images, every sixth for eight, every sixth for one. */
export function randomGraph(seed: number): Graph {
  const [blocked, many, one] = [seed % 6 === 0, seed % 6 === 3, seed % 6 === 1];
  const w = new Writer(seed, [11, 13, 14, 17, 20][seed % 5]!, blocked ? 32 : 4);
  const often = many ? hoisted : bottleneck;
  const fragments = blocked ? BLOCKED : many || one ? [...FRAGMENTS, often, often, often] : FRAGMENTS;
  let x = w.graph.input("x", f32(blocked ? 2 : many ? 8 : one ? 1 : "N", w.channels, H, W));
  w.graph.input("z", f32("A", "B"));
  for (let i = blocked ? 6 : 0; i < 11; i++) x = fragments[w.pick(fragments.length)]!(w, x);
  w.show(w.add("Tanh", [x]));
  return w.graph;
}
