import type { Attribute, Attributes } from "../../src/graph/attribute.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { float32s, int64s, type Tensor } from "../../src/graph/tensor.js";
import { elements, f32 } from "../../src/graph/type.js";

const int = (value: number): Attribute => ({ kind: "int", value });
const ints = (...value: number[]): Attribute => ({ kind: "ints", value });

/** The tag and length of ValueInfoProto's doc_string, and a letter. */
const DOC = Uint8Array.of(0x1a, 1, 0x64);
const C = 4;
const H = 5;
const W = 3;

/** Writes nodes as a file has them, one fragment after another, each [N,4,5,3] -> [N,4,5,3] unless it says so. */
class Writer {
  readonly graph: Graph;
  #count = 0;
  #state: number;

  constructor(seed: number, opset: number) {
    this.graph = new Graph("random", { opset });
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
  weights(...shape: number[]): Value {
    const phase = this.pick(100);
    return this.constant(
      float32s(
        Array.from({ length: elements(shape) }, (_, i) => Math.sin(1.3 * i + phase)),
        shape,
      ),
    );
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
const normalized = (w: Writer, convolved: Value): Value => {
  const positive = w.constant(float32s([0.5, 1, 1.5, 2]));
  return w.add("BatchNormalization", [convolved, w.weights(C), w.weights(C), w.weights(C), positive]);
};
const convolved: Fragment = (w, x) => w.add("Conv", [x, w.weights(C, C, 1, 1)]);

/** What exporters write, and what a pass must leave alone. */
const FRAGMENTS: readonly Fragment[] = [
  (w, x) => w.add("Relu", [w.add("Identity", [w.add("Dropout", [x])])]),
  (w, x) => {
    w.show(w.add("Identity", [w.graph.inputs[0]!])); // between two names that callers know
    return x;
  },
  (w, x) => w.add("Mul", [x, w.add("Add", [w.weights(C, 1, 1), w.add("Mul", [w.weights(C, 1, 1), w.number(2)])])]),
  (w, x) => w.add("Add", [x, w.add("Sin", [w.weights(C, 1, 1)])]), // has no kernel
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
    return w.add("Relu", [w.add("Reshape", [flat, w.lengths(-1, C, H, W)])]);
  },
  (w, x) => {
    const n = w.add("Gather", [w.add("Shape", [x]), w.constant(int64s([0], []))]);
    const shape = w.add("Concat", [w.unsqueeze(n, [0]), w.lengths(-1)], { axis: int(0) });
    return w.add("Reshape", [w.add("Relu", [w.add("Reshape", [x, shape])]), w.lengths(0, C, H, W)]);
  },
  (w, x) => {
    const open = w.graph.inputs[1]!;
    w.show(w.add("Reshape", [open, w.add("Shape", [w.add("Transpose", [open])])])); // two lengths that only the run knows
    return x;
  },
  (w, x) => w.add("Mul", [x, w.add("Expand", [w.weights(C, 1, 1), w.add("Shape", [x])])]),
  (w, x) => {
    const wide = w.add("Expand", [w.weights(1, 1, 1), w.lengths(C, H, 1)]);
    w.show(w.add("Mul", [w.weights(C, 1, 1), wide])); // makes the product longer than the other factor
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
  (w, x) => w.add("Add", [x, w.constant(float32s([1.25], []), true)]), // the file says more of this one
];

/** A graph of about ten fragments, from x [N,4,5,3] and z [A,B]. */
export function randomGraph(seed: number): Graph {
  const w = new Writer(seed, [11, 13, 14, 17, 20][seed % 5]!);
  let x = w.graph.input("x", f32("N", C, H, W));
  w.graph.input("z", f32("A", "B"));
  for (let i = 0; i < 10; i++) x = FRAGMENTS[w.pick(FRAGMENTS.length)]!(w, x);
  w.show(w.add("Tanh", [x]));
  return w.graph;
}
