import { toFloat16 } from "../cast.js";
import { type DType, dataType } from "../dtype.js";
import { insertBefore, remove, removeConstant, rename, replace } from "../edit.js";
import type { Graph, Node, Value } from "../graph.js";
import { cast } from "../ops/cast.js";
import type { Pass, Skip } from "../pass.js";
import { elements, type Type, tensorType } from "../type.js";

/** Operators that compute in float16. For each, ONNX lets every input and output that is float32 be float16 too. */
const HALF = /* @__PURE__ */ new Set([
  ...["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"],
  ...["Add", "Sub", "Mul", "Div", "Neg", "Abs", "Max", "Min", "Clip", "Where"],
  ...["Relu", "LeakyRelu", "PRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh"],
  ...["MaxPool", "AveragePool", "GlobalMaxPool", "ReduceMax"],
  ...["Concat", "Split", "Slice", "Gather", "Pad", "Expand"],
]);
/** Operators that hand numbers on as they are: they follow their input, so that the squeeze stays float32 up to its first layer. */
const MOVES = /* @__PURE__ */ new Set([
  "Identity",
  "Dropout",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Transpose",
]);
/** A sum of many numbers loses the last ones in float16's 11 bits, and overflows at 65504. */
const SUMS = /* @__PURE__ */ new Set([
  ...["GlobalAveragePool", "ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL1", "ReduceL2"],
  ...["Softmax", "LogSoftmax", "LRN", "LpNormalization", "InstanceNormalization", "LayerNormalization"],
]);
/** AveragePool adds up to this many numbers in float16: a 5x5 window. */
const FEW = 25;

/**
 * A float32 network that computes in float16: half the bytes of weights and maps. Inputs and outputs of the graph stay float32, with a Cast
 * each. Constants are rounded to nearest as they are read; finite ones beyond 65504 become 65504, as in Microsoft's
 * onnxconverter-common (whose limit is 10,000 unless told another).
 *
 * Means over a whole map (SE's squeeze) and other long sums stay float32, as do operators that are not known to be safe: they are in `skipped`.
 * Values keep names and shapes, not every digit: expect 1e-3 of the largest logit.
 */
export const convertFloat16: Pass = {
  name: "convert-float16",
  run(graph) {
    const halves = new Halves(graph);
    const skipped: Skip[] = [];
    let applied = 0;
    for (const node of graph.nodes) {
      if (halves.learn(node) || ![...node.inputs, ...node.outputs].some((v) => v && is("float32", v))) continue;
      if (isOnnx(node, MOVES) && !halves.has(node.inputs[0])) continue;
      const reason = whyNot(node);
      if (reason) skipped.push({ node: node.name, reason });
      else {
        halves.replace(node);
        applied++;
      }
    }
    halves.clean();
    return { applied, skipped };
  },
};

const is = (dtype: DType, v: Value | null | undefined): boolean => v?.type?.kind === "tensor" && v.type.dtype === dtype;
const to = (dtype: DType, v: Value, name: string): Value => cast(v, { to: dataType(dtype), name: `${name}.${dtype}` });
const isOnnx = (node: Node, ops: ReadonlySet<string>): boolean => node.domain === "" && ops.has(node.op);

function whyNot(node: Node): string | null {
  const type = node.domain ? `${node.domain}.${node.op}` : node.op;
  if (isOnnx(node, SUMS)) return `${type} adds up many numbers, which stays float32`;
  if (!isOnnx(node, HALF) && !isOnnx(node, MOVES)) return `${type} is not known to be safe in float16`;
  const window = node.attributes.kernel_shape;
  if (node.op === "AveragePool" && window?.kind === "ints" && elements(window.value.map(Number)) > FEW)
    return `${type} over ${window.value.join("x")} adds up many numbers, which stays float32`;
  const unknown = [...node.inputs, ...node.outputs.filter((v) => v.uses.length)].find((v) => v && !v.type);
  return unknown ? `the type of '${unknown.name}' is not known` : null;
}

/** The float32 values of a graph whose numbers there are in float16 too. */
class Halves {
  readonly #graph: Graph;
  readonly #halves = new Map<Value, Value>();
  readonly #widened: Value[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
  }
  /** True where `v` is there in float16 without a Cast. */
  has(v: Value | null | undefined): boolean {
    return v ? this.#halves.has(v) || (is("float32", v) && v.constant !== null) : false;
  }
  /** `v` in float16, made at the place that is being written where it is not there yet. */
  of(v: Value): Value {
    if (!is("float32", v)) return v;
    const half =
      this.#halves.get(v) ??
      (v.constant ? this.#graph.constant(v.name, toFloat16(v.constant)) : to("float16", v, v.name));
    this.#halves.set(v, half);
    return half;
  }
  /** Takes note of a Cast between the two, so that none is undone by another; false for any other node. */
  learn(node: Node): boolean {
    const [from, made] = [node.inputs[0], node.outputs[0]];
    if (node.op !== "Cast" || node.domain || !from || !made) return false;
    if (is("float16", from) && is("float32", made)) this.#halves.set(made, from);
    else if (is("float32", from) && is("float16", made)) {
      const half = this.#halves.get(from);
      if (half && made.uses.every((u) => u.node)) {
        replace(made, half);
        remove(node);
      } else this.#halves.set(from, half ?? made);
    } else return false;
    return true;
  }
  /** Puts a node in the place of `node` that computes in float16, and behind it a Cast for those who read float32. */
  replace(node: Node): void {
    insertBefore(node, () => {
      const outputs = node.outputs.map((o) => ({
        ...o,
        name: isOutput(o) ? `${o.name}.float16` : o.name,
        type: narrow(o.type),
      }));
      const twin = this.#graph.add({ ...node, inputs: node.inputs.map((v) => v && this.of(v)), outputs });
      for (const [i, old] of node.outputs.entries()) {
        const half = twin.outputs[i] as Value; // one for each
        const wide = is("float32", old) ? to("float32", half, old.name) : half;
        replace(old, wide);
        if (wide === half) continue;
        this.#halves.set(wide, half);
        this.#widened.push(wide);
      }
    });
    remove(node);
  }
  /** Takes out the Casts and the constants that nobody came to read. */
  clean(): void {
    for (const node of this.#graph.nodes)
      if (node.op === "Cast" && !node.domain && node.outputs.every((o) => !o.uses.length)) remove(node);
    for (const v of this.#halves.keys()) if (v.constant && v.graph === this.#graph && !v.uses.length) removeConstant(v);
    for (const wide of this.#widened) if (wide.uses.length && !isOutput(wide)) rename(wide, `${wide.name}.float32`); // its name is the float16 one's too
  }
}
const isOutput = (v: Value): boolean => v.uses.some((u) => !u.node);
const narrow = (type: Type | null): Type | null =>
  type?.kind === "tensor" && type.dtype === "float32" ? tensorType("float16", type.shape) : type;
