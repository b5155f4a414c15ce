import type { Node, Value } from "./graph.js";
import type { Tensor } from "./tensor.js";
import { constantBehind, uncast, unshaped } from "./walk.js";

/** A fully connected layer on one number a channel, however it is written. */
export interface DenseLayer {
  /** [N,inputs], in any shape and precision. */
  readonly x: Value;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  readonly form: "gemm" | "conv" | "matmul";
}

/** The layer that `value` is the output of: Gemm, MatMul, or a 1x1 Conv, with a bias within or added after it. */
export function denseLayer(value: Value | null | undefined): DenseLayer | null {
  const node = unshaped(value)?.producer;
  if (!node || node.domain) return null;
  if (node.op !== "Add") return product(node);
  const [a, b] = node.inputs;
  const [sum, bias] = constantBehind(b) ? [a, b] : [b, a];
  if (!constantBehind(bias)) return null;
  const layer = denseLayer(sum);
  return layer && !layer.bias ? { ...layer, bias: true } : null;
}

function product({ op, inputs, attributes }: Node): DenseLayer | null {
  const [x = null, w = null, b = null] = inputs;
  if (op === "MatMul") return layerOf(x, transposed(w), false, "matmul") ?? layerOf(w, matrixOf(x), false, "matmul");
  const flag = (name: string): boolean => {
    const a = attributes[name];
    return a?.kind === "int" && a.value === 1;
  };
  if (op === "Gemm" && !flag("transA"))
    return layerOf(x, flag("transB") ? matrixOf(w) : transposed(w), Boolean(b), "gemm");
  const group = attributes.group;
  if (op === "Conv" && (group?.kind !== "int" || group.value === 1)) return layerOf(x, matrixOf(w), Boolean(b), "conv");
  return null;
}

/** Outputs and inputs of a layer. */
type Matrix = readonly [outputs: number, inputs: number];

function layerOf(x: Value | null, matrix: Matrix | null, bias: boolean, form: DenseLayer["form"]): DenseLayer | null {
  return x && matrix && { x, outputs: matrix[0], inputs: matrix[1], bias, form };
}

/** The lengths of a constant [out,in], or [out,in,1,1] of a convolution, Transpose nodes followed. */
function matrixOf(w: Value | null): Matrix | null {
  const value = uncast(w);
  if (value?.producer?.op === "Transpose") return transposed(value.producer.inputs[0] ?? null);
  return lengths(value?.constant ?? null);
}
function transposed(w: Value | null): Matrix | null {
  const value = uncast(w);
  if (value?.producer?.op === "Transpose") return matrixOf(value.producer.inputs[0] ?? null);
  const found = lengths(value?.constant ?? null);
  return found && [found[1], found[0]];
}
function lengths(t: Tensor | null): Matrix | null {
  const [out, into, ...kernel] = t?.shape ?? [];
  return out && into && kernel.every((d) => d === 1) ? [out, into] : null;
}
