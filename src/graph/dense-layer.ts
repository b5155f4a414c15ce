import type { Node, Value } from "./graph.js";
import type { Tensor } from "./tensor.js";
import { elements, isRanked } from "./type.js";
import { constantBehind, uncast, unshaped } from "./walk.js";

/** A fully connected layer on one number a channel, however it is written: x W' + b. */
export interface DenseLayer {
  /** [N,inputs], in any shape and precision. */
  readonly x: Value;
  /** [N,outputs]. */
  readonly y: Value;
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Matrix;
  /** [outputs] or the same with axes of length 1. */
  readonly bias: Tensor | null;
  readonly form: "gemm" | "conv" | "matmul";
}
/** A constant [outputs,inputs] or [outputs,inputs,1,1], or, where it is `transposed`, [inputs,outputs]. */
export interface Matrix {
  readonly tensor: Tensor;
  readonly transposed: boolean;
}

/** The layer that `value` is the output of: Gemm, MatMul, or a 1x1 Conv, with a bias within or added after it. */
export function denseLayer(value: Value | null | undefined): DenseLayer | null {
  const y = unshaped(value);
  const node = y?.producer;
  if (!node || node.domain) return null;
  if (node.op !== "Add") return product(node, y);
  const [a, b] = node.inputs;
  const [sum, added] = constantBehind(b) ? [a, b] : [b, a];
  const layer = denseLayer(sum);
  const bias = constantBehind(added);
  return layer && bias && !layer.bias && isBias(bias, layer, y) ? { ...layer, y, bias } : null;
}

/** Whether `t` has a number for each output of the layer, along the axis of channels: [C] for a sum [N,C], [C,1,1] for one [N,C,1,1]. */
function isBias(t: Tensor, { outputs }: DenseLayer, { type }: Value): boolean {
  const own = t.shape.slice(t.shape.findIndex((d) => d !== 1));
  const axes = isRanked(type) ? type.shape.length - 1 : own.length;
  return elements(t.shape) === outputs && (outputs === 1 || (own[0] === outputs && own.length === axes));
}

function product({ op, inputs, attributes }: Node, y: Value): DenseLayer | null {
  const [x = null, w = null, b = null] = inputs;
  if (op === "MatMul")
    return layerOf({ x, y }, w, null, "matmul", true) ?? layerOf({ x: w, y }, x, null, "matmul", false);
  const number = (name: string, otherwise: number): number => {
    const a = attributes[name];
    return a?.kind === "int" || a?.kind === "float" ? Number(a.value) : otherwise;
  };
  if (op === "Gemm") {
    const plain = number("transA", 0) === 0 && number("alpha", 1) === 1 && (!b || number("beta", 1) === 1);
    return plain ? layerOf({ x, y }, w, b, "gemm", number("transB", 0) === 0) : null;
  }
  return op === "Conv" && number("group", 1) === 1 ? layerOf({ x, y }, w, b, "conv", false) : null;
}

function layerOf(
  { x, y }: { readonly x: Value | null; readonly y: Value },
  w: Value | null,
  b: Value | null,
  form: DenseLayer["form"],
  transposed: boolean,
): DenseLayer | null {
  const weight = matrixOf(w, transposed);
  const bias = constantBehind(b);
  const [rows, columns, ...kernel] = weight?.tensor.shape ?? [];
  if (!x || !weight || !rows || !columns || !kernel.every((d) => d === 1) || (b && !bias)) return null;
  const [outputs, inputs] = weight.transposed ? [columns, rows] : [rows, columns];
  return { x, y, weight, bias, inputs, outputs, form };
}

/** The constant that `w` holds, Transpose nodes followed. */
function matrixOf(w: Value | null, transposed: boolean): Matrix | null {
  const value = uncast(w);
  if (value?.producer?.op === "Transpose") return matrixOf(value.producer.inputs[0] ?? null, !transposed);
  return value?.constant ? { tensor: value.constant, transposed } : null;
}
