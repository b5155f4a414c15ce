import type { Attribute, AttributeKind } from "../../src/graph/attribute.js";
import { BITS, type DType } from "../../src/graph/dtype.js";
import { Graph, type Node, type Value } from "../../src/graph/graph.js";
import { match } from "../../src/graph/match.js";
import type { AnyOp, Op, Specs } from "../../src/graph/op.js";
import { add } from "../../src/graph/ops/add.js";
import { averagePool } from "../../src/graph/ops/average-pool.js";
import { batchNormalization } from "../../src/graph/ops/batch-normalization.js";
import { cast } from "../../src/graph/ops/cast.js";
import { clip } from "../../src/graph/ops/clip.js";
import { concat } from "../../src/graph/ops/concat.js";
import { conv } from "../../src/graph/ops/conv.js";
import { dropout } from "../../src/graph/ops/dropout.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { gemm } from "../../src/graph/ops/gemm.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { globalMaxPool } from "../../src/graph/ops/global-max-pool.js";
import { hardSigmoid } from "../../src/graph/ops/hard-sigmoid.js";
import { hardSwish } from "../../src/graph/ops/hard-swish.js";
import { identity } from "../../src/graph/ops/identity.js";
import { lrn } from "../../src/graph/ops/lrn.js";
import { matMul } from "../../src/graph/ops/mat-mul.js";
import { maxPool } from "../../src/graph/ops/max-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { softmax } from "../../src/graph/ops/softmax.js";
import { tanh } from "../../src/graph/ops/tanh.js";
import { transpose } from "../../src/graph/ops/transpose.js";
import { float32s, int64s, type Tensor, tensor } from "../../src/graph/tensor.js";
import { type Dim, type TensorType, tensorType } from "../../src/graph/type.js";

/** A type as `show` writes it, a constant, or an input left out. */
export type Input = string | Tensor | null;
export interface Call {
  readonly says: string;
  readonly inputs: readonly Input[];
  readonly attributes?: Readonly<Record<string, unknown>>;
}
export interface Valid extends Call {
  readonly type: string;
}
/** What ops.test.ts must know of an operator. Types and defaults are those of its page at https://onnx.ai/onnx/operators. */
export interface OpCalls {
  readonly op: AnyOp;
  /** Every attribute and what it means when it is left out; undefined: nothing, or that the operator finds out for itself. */
  readonly attributes?: Readonly<Record<string, { readonly kind: AttributeKind; readonly omitted: unknown }>>;
  /** Attributes that came later than the operator, each with a value other than its default. */
  readonly later?: Readonly<Record<string, { readonly since: number; readonly value: unknown }>>;
  /** Attributes without which no call is valid. */
  readonly required?: Readonly<Record<string, unknown>>;
  /** Element types of the first input in the newest opset. */
  readonly dtypes: readonly DType[];
  /** Calls that fit; the first one in float32, with no more than the required attributes. */
  readonly valid: readonly [Valid, ...Valid[]];
  /** Calls that do not fit; the error holds `message`. */
  readonly invalid: readonly (Call & { readonly message: string })[];
  /** Nodes that mean more than the operator's function can say. */
  readonly declined?: readonly Call[];
  /** Nodes of opsets before the function's own that mean the same. */
  readonly older?: readonly (Call & { readonly opset: number })[];
}

/** "float32[N,64,?]" as a type; "unknown" is null. */
export function typeOf(text: string): TensorType | null {
  if (text === "unknown") return null;
  const [, dtype = "", shape = ""] = /^(\w+)\[(.*)\]$/.exec(text) ?? [];
  if (!(dtype in BITS)) throw new Error(`'${text}' is no type`);
  const dims = shape ? shape.split(",") : [];
  const dim = (d: string): Dim => (d === "?" ? null : /^\d+$/.test(d) ? Number(d) : d);
  return tensorType(dtype as DType, shape === "..." ? null : dims.map(dim)); // just looked up
}

/** A graph with an input or a constant for every given input, named after its place. */
export function graphOf(
  inputs: readonly Input[],
  opset = 23,
): { readonly graph: Graph; readonly values: (Value | null)[] } {
  const graph = new Graph("g", { opset });
  const values = inputs.map((input, i) => {
    if (input === null) return null;
    return typeof input === "string" ? graph.input(`in${i}`, typeOf(input)) : graph.constant(`in${i}`, input);
  });
  return { graph, values };
}

/** Calls the operator's function, also in ways that its type forbids. Inputs that are not given are left out. */
export function call({ op }: OpCalls, values: readonly (Value | null)[], attributes: object): Value {
  const last = op.def.inputs.length - 1;
  const inputs = op.def.inputs.map((_, i) => (isVariadic(op) && i === last ? values.slice(i) : (values[i] ?? null)));
  return (op as unknown as (...args: unknown[]) => Value)(...inputs, { name: "here", ...attributes });
}

/** Whether the last input stands for any number of them. */
export const isVariadic = ({ def }: AnyOp): boolean => def.inputs.at(-1)?.endsWith("...") ?? false;

/** What errors call input `i` of a node. */
export function nameOf(op: AnyOp, i: number): string {
  const last = op.def.inputs.length - 1;
  return isVariadic(op) && i >= last
    ? `${op.def.inputs[last]?.replace("...", "")}[${i - last}]`
    : `${op.def.inputs[i]?.replace("?", "")}`;
}

/** A node of the operator as a file could hold it. */
export function nodeOf(
  { op, attributes: kinds = {} }: OpCalls,
  graph: Graph,
  inputs: readonly (Value | null)[],
  attributes: Readonly<Record<string, unknown>> = {},
  domain = "",
): Node {
  const spelled = Object.entries(attributes).map(([key, value]) => [key, { kind: kinds[key]?.kind ?? "float", value }]);
  return graph.add({
    op: op.def.type,
    domain,
    name: "here",
    inputs,
    outputs: [{ name: "out", type: null }],
    attributes: Object.fromEntries(spelled) as Record<string, Attribute>, // by the kinds that the table says
  });
}

const FLOATS: readonly DType[] = ["float16", "bfloat16", "float32", "float64"];
const SIGNED: readonly DType[] = ["int8", "int16", "int32", "int64"];
const UNSIGNED: readonly DType[] = ["uint8", "uint16", "uint32", "uint64"];
const ALL = Object.keys(BITS) as DType[]; // its keys are the element types

const bool = (value: boolean): Tensor => tensor("bool", [], Uint8Array.of(value ? 1 : 0));

const unary = (op: OpCalls["op"], dtypes: readonly DType[], wrong: DType | null): OpCalls => ({
  op,
  dtypes,
  valid: [
    { says: "images", inputs: ["float32[N,3,?,8]"], type: "float32[N,3,?,8]" },
    { says: "a scalar", inputs: ["float32[]"], type: "float32[]" },
    { says: "a type that is not known", inputs: ["unknown"], type: "unknown" },
    { says: "a rank that is not known", inputs: ["float32[...]"], type: "unknown" },
  ],
  invalid: wrong
    ? [{ says: "another element type", inputs: [`${wrong}[2]`], message: `x is ${wrong}; it takes ` }]
    : [],
});

const binary = (op: OpCalls["op"]): OpCalls => ({
  op,
  dtypes: [...FLOATS, ...SIGNED, ...UNSIGNED],
  valid: [
    { says: "equal shapes", inputs: ["float32[N,64,56,56]", "float32[N,64,56,56]"], type: "float32[N,64,56,56]" },
    { says: "a gate", inputs: ["float32[N,64,56,56]", "float32[N,64,1,1]"], type: "float32[N,64,56,56]" },
    { says: "both stretched", inputs: ["float32[3,1]", "float32[4]"], type: "float32[3,4]" },
    { says: "a scalar", inputs: ["float32[]", "float32[2,3]"], type: "float32[2,3]" },
    { says: "no elements", inputs: ["float32[0,3]", "float32[1,3]"], type: "float32[0,3]" },
    { says: "a symbol beside 1", inputs: ["float32[1,5]", "float32[N,1]"], type: "float32[N,5]" },
    { says: "a symbol beside a number", inputs: ["float32[N,4]", "float32[2,4]"], type: "float32[2,4]" },
    { says: "two symbols", inputs: ["float32[N,4]", "float32[M,4]"], type: "float32[?,4]" },
    { says: "an unknown length", inputs: ["float32[?,4]", "float32[?,4]"], type: "float32[?,4]" },
    { says: "a rank that is not known", inputs: ["float32[2]", "float32[...]"], type: "unknown" },
  ],
  invalid: [
    {
      says: "lengths that differ",
      inputs: ["float32[N,64,112,112]", "float32[N,128,112,112]"],
      message: "float32[N,64,112,112] and float32[N,128,112,112] do not broadcast: axis 1 has 64 and 128",
    },
    { says: "lengths of another rank", inputs: ["float32[2,3]", "float32[2]"], message: "axis 1 has 3 and 2" },
    { says: "two element types", inputs: ["float32[2]", "float16[2]"], message: "a is float32, but b is float16" },
    { says: "another element type", inputs: ["bool[2]", "bool[2]"], message: "a is bool; it takes " },
  ],
});

const C64 = "float32[64]";
const perChannel = ["scale", "bias", "mean", "variance"];
const without = (i: number, other: string): string[] => [C64, C64, C64, C64].with(i, other);

const batchNormalizationCalls: OpCalls = {
  op: batchNormalization,
  attributes: {
    epsilon: { kind: "float", omitted: 1e-5 },
    momentum: { kind: "float", omitted: 0.9 },
    training_mode: { kind: "int", omitted: 0 },
  },
  later: { training_mode: { since: 14, value: 1 } },
  dtypes: FLOATS,
  valid: [
    { says: "images", inputs: ["float32[N,64,56,56]", C64, C64, C64, C64], type: "float32[N,64,56,56]" },
    { says: "features", inputs: ["float32[N,64]", C64, C64, C64, C64], type: "float32[N,64]" },
    { says: "channels that are not known", inputs: ["float32[N,?,7,7]", C64, C64, C64, C64], type: "float32[N,?,7,7]" },
    {
      says: "float16 with float32 parameters",
      inputs: ["float16[N,64,7]", C64, C64, C64, C64],
      attributes: { epsilon: 1e-3, momentum: 0.99, training_mode: 0 },
      type: "float16[N,64,7]",
    },
    {
      says: "a vector, which is of one channel",
      inputs: ["float32[N]", "float32[1]", "float32[1]", "float32[1]", "float32[1]"],
      type: "float32[N]",
    },
  ],
  invalid: [
    ...perChannel.flatMap((name, i) => [
      {
        says: `${name} of other channels`,
        inputs: ["float32[N,64,7,7]", ...without(i, "float32[32]")],
        message: `x has 64 channels, but ${name} has 32`,
      },
      {
        says: `${name} a matrix`,
        inputs: ["float32[N,64,7,7]", ...without(i, "float32[1,64]")],
        message: `${name} must be [C], but has rank 2`,
      },
      {
        says: `${name} of integers`,
        inputs: ["float32[N,64,7,7]", ...without(i, "int32[64]")],
        message: `x is float32, but ${name} is int32`,
      },
    ]),
    { says: "a scalar", inputs: ["float32[]", C64, C64, C64, C64], message: "x must be [N,C,...], but has rank 0" },
    { says: "integers", inputs: ["int32[2,64]", ...Array(4).fill("int32[64]")], message: "x is int32; it takes " },
  ],
  declined: [
    {
      says: "training",
      inputs: ["float32[N,64,7,7]", C64, C64, C64, C64],
      attributes: { training_mode: 1 },
    },
  ],
};

const convCalls: OpCalls = {
  op: conv,
  attributes: {
    kernel_shape: { kind: "ints", omitted: undefined },
    strides: { kind: "ints", omitted: [1, 1] },
    pads: { kind: "ints", omitted: [0, 0, 0, 0] },
    dilations: { kind: "ints", omitted: [1, 1] },
    group: { kind: "int", omitted: 1 },
    auto_pad: { kind: "string", omitted: undefined },
  },
  dtypes: FLOATS,
  valid: [
    { says: "1x1", inputs: ["float32[N,64,56,56]", "float32[256,64,1,1]"], type: "float32[N,256,56,56]" },
    {
      says: "ResNet's stem",
      inputs: ["float32[N,3,224,224]", "float32[64,3,7,7]"],
      attributes: { kernel_shape: [7, 7], strides: [2, 2], pads: [3, 3, 3, 3], auto_pad: "NOTSET" },
      type: "float32[N,64,112,112]",
    },
    { says: "a bias", inputs: ["float32[N,4,5,5]", "float32[8,4,3,3]", "float32[8]"], type: "float32[N,8,3,3]" },
    {
      says: "groups",
      inputs: ["float32[1,8,5,5]", "float32[4,2,3,3]"],
      attributes: { group: 4 },
      type: "float32[1,4,3,3]",
    },
    {
      says: "dilation",
      inputs: ["float32[1,1,7,9]", "float32[1,1,3,3]"],
      attributes: { dilations: [2, 3] },
      type: "float32[1,1,3,3]",
    },
    {
      says: "padding top, left, bottom, right",
      inputs: ["float32[1,1,4,5]", "float32[1,1,2,2]"],
      attributes: { pads: [1, 0, 0, 2] },
      type: "float32[1,1,4,6]",
    },
    { says: "an oblong kernel", inputs: ["float32[1,1,5,6]", "float32[1,1,3,2]"], type: "float32[1,1,3,5]" },
    {
      says: "a stride that does not come out even",
      inputs: ["float32[1,1,6,7]", "float32[1,1,3,3]"],
      attributes: { strides: [2, 3] },
      type: "float32[1,1,2,2]",
    },
    { says: "sizes that are not known", inputs: ["float32[N,3,?,W]", "float32[8,3,3,3]"], type: "float32[N,8,?,?]" },
    {
      says: "a kernel that only kernel_shape knows",
      inputs: ["float32[N,?,5,5]", "float32[8,?,?,?]", "float32[?]"],
      attributes: { kernel_shape: [3, 2] },
      type: "float32[N,8,3,4]",
    },
  ],
  invalid: [
    {
      says: "no image",
      inputs: ["float32[N,3,8]", "float32[4,3,1,1]"],
      message: "x must be [N,C,H,W], but has rank 3",
    },
    {
      says: "a weight of another rank",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1]"],
      message: "w must be [M,C/group,kH,kW], but has rank 3",
    },
    {
      says: "other channels",
      inputs: ["float32[N,3,8,8]", "float32[4,5,1,1]"],
      message: "x has 3 channels, but w takes 5 in its one group",
    },
    {
      says: "other channels in groups",
      inputs: ["float32[N,8,8,8]", "float32[4,8,1,1]"],
      attributes: { group: 2 },
      message: "x has 8 channels, but w takes 8 in each of 2 groups",
    },
    {
      says: "channels that the groups cannot share",
      inputs: ["float32[N,8,8,8]", "float32[5,4,1,1]"],
      attributes: { group: 2 },
      message: "w makes 5 channels, which 2 groups cannot share",
    },
    {
      says: "a bias for other channels",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]", "float32[3]"],
      message: "w makes 4 channels, but b has 3",
    },
    {
      says: "a bias that is no vector",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]", "float32[1,4]"],
      message: "b must be [M], but has rank 2",
    },
    {
      says: "another kernel than it says",
      inputs: ["float32[N,3,8,8]", "float32[4,3,3,1]"],
      attributes: { kernel_shape: [3, 3] },
      message: "kernel_shape is 3x3, but w is 3x1",
    },
    {
      says: "a window larger than the padded image",
      inputs: ["float32[N,3,4,8]", "float32[4,3,7,7]"],
      attributes: { pads: [1, 1, 1, 1] },
      message: "a window of 7 does not fit into 4 with padding 1 and 1",
    },
    {
      says: "one stride",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]"],
      attributes: { strides: [2] },
      message: "strides is [2], but two axes take 2 numbers",
    },
    {
      says: "two pads",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]"],
      attributes: { pads: [1, 1] },
      message: "pads is [1,1], but two axes take 4 numbers",
    },
    {
      says: "three dilations",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]"],
      attributes: { dilations: [1, 1, 1] },
      message: "dilations is [1,1,1], but two axes take 2 numbers",
    },
    {
      says: "a stride of 0",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]"],
      attributes: { strides: [1, 0] },
      message: "stride 0 and dilation 1 must be 1 or more",
    },
    {
      says: "padding that it would have to find out",
      inputs: ["float32[N,3,8,8]", "float32[4,3,1,1]"],
      attributes: { auto_pad: "SAME_UPPER" },
      message: "auto_pad 'SAME_UPPER' is not supported: give pads instead",
    },
    {
      says: "a weight of another element type",
      inputs: ["float32[N,3,8,8]", "float16[4,3,1,1]"],
      message: "x is float32, but w is float16",
    },
    { says: "integers", inputs: ["int8[N,3,8,8]", "int8[4,3,1,1]"], message: "x is int8; it takes " },
  ],
  declined: [
    {
      says: "padding that the runtime finds out",
      inputs: ["float32[N,3,8,8]", "float32[4,3,3,3]"],
      attributes: { auto_pad: "SAME_UPPER" },
    },
    { says: "one axis", inputs: ["float32[N,3,8]", "float32[4,3,3]"] },
    { says: "three axes", inputs: ["float32[N,3,8,8,8]", "float32[4,3,3,3,3]"] },
  ],
};

const dropoutCalls: OpCalls = {
  op: dropout,
  attributes: { seed: { kind: "int", omitted: undefined } },
  dtypes: FLOATS,
  valid: [
    { says: "features", inputs: ["float32[N,512]"], type: "float32[N,512]" },
    { says: "a ratio", inputs: ["float32[N,512]", "float32[]"], attributes: { seed: 3 }, type: "float32[N,512]" },
    { says: "a ratio of another type", inputs: ["float32[N,512]", "float16[]"], type: "float32[N,512]" },
    { says: "inference, in so many words", inputs: ["float32[N,512]", null, bool(false)], type: "float32[N,512]" },
  ],
  invalid: [
    { says: "a whole ratio", inputs: ["float32[2]", "int64[]"], message: "x is float32, but ratio is int64" },
    {
      says: "a mode that is no truth value",
      inputs: ["float32[2]", null, int64s([0], [])],
      message: "training_mode must be bool, but is int64",
    },
    { says: "integers", inputs: ["int32[2]"], message: "x is int32; it takes " },
  ],
  declined: [
    { says: "training", inputs: ["float32[2]", null, bool(true)] },
    { says: "training that is decided at run time", inputs: ["float32[2]", null, "bool[]"] },
  ],
  older: [
    { says: "a ratio", opset: 7, inputs: ["float32[2]"], attributes: { ratio: 0.25 } },
    { says: "no ratio", opset: 11, inputs: ["float32[2]"] },
  ],
};

const flattenCalls: OpCalls = {
  op: flatten,
  attributes: { axis: { kind: "int", omitted: 1 } },
  dtypes: ALL,
  valid: [
    { says: "pooled images", inputs: ["float32[N,2048,1,1]"], type: "float32[N,2048]" },
    { says: "maps", inputs: ["float32[N,512,7,7]"], type: "float32[N,25088]" },
    { says: "axis 0", inputs: ["float32[2,3,4]"], attributes: { axis: 0 }, type: "float32[1,24]" },
    { says: "the last axis", inputs: ["float32[2,3,4]"], attributes: { axis: 3 }, type: "float32[24,1]" },
    { says: "an axis from the end", inputs: ["float32[2,3,4]"], attributes: { axis: -1 }, type: "float32[6,4]" },
    { says: "a symbol among ones", inputs: ["float32[1,N,1]"], attributes: { axis: 2 }, type: "float32[N,1]" },
    { says: "a symbol among others", inputs: ["float32[2,N,3]"], attributes: { axis: 2 }, type: "float32[?,3]" },
    { says: "a scalar", inputs: ["float32[]"], attributes: { axis: 0 }, type: "float32[1,1]" },
  ],
  invalid: [
    { says: "a scalar at axis 1", inputs: ["float32[]"], message: "axis 1 is not in x, which has rank 0" },
    { says: "an axis too far", inputs: ["float32[2,3]"], attributes: { axis: 3 }, message: "axis 3 is not in x" },
    { says: "an axis before the first", inputs: ["float32[2,3]"], attributes: { axis: -3 }, message: "axis -3 is not" },
  ],
};

const gemmCalls: OpCalls = {
  op: gemm,
  attributes: {
    alpha: { kind: "float", omitted: 1 },
    beta: { kind: "float", omitted: 1 },
    transA: { kind: "int", omitted: 0 },
    transB: { kind: "int", omitted: 0 },
  },
  dtypes: [...FLOATS, "int32", "int64", "uint32", "uint64"],
  valid: [
    { says: "a product", inputs: ["float32[N,8]", "float32[8,3]"], type: "float32[N,3]" },
    {
      says: "PyTorch's Linear",
      inputs: ["float32[N,2048]", "float32[1000,2048]", "float32[1000]"],
      attributes: { transB: 1, alpha: 0.5, beta: 2 },
      type: "float32[N,1000]",
    },
    { says: "a transposed", inputs: ["float32[8,2]", "float32[8,3]"], attributes: { transA: 1 }, type: "float32[2,3]" },
    { says: "c a scalar", inputs: ["float32[N,8]", "float32[8,3]", "float32[]"], type: "float32[N,3]" },
    { says: "c a row", inputs: ["float32[N,8]", "float32[8,3]", "float32[1,3]"], type: "float32[N,3]" },
    { says: "c a column", inputs: ["float32[N,8]", "float32[8,3]", "float32[N,1]"], type: "float32[N,3]" },
    { says: "c for one batch", inputs: ["float32[N,8]", "float32[8,3]", "float32[2,3]"], type: "float32[N,3]" },
    { says: "features that are not known", inputs: ["float32[N,?]", "float32[8,?]"], type: "float32[N,?]" },
  ],
  invalid: [
    { says: "images", inputs: ["float32[N,8,1,1]", "float32[8,3]"], message: "a must be a matrix, but has rank 4" },
    { says: "a vector", inputs: ["float32[N,8]", "float32[8]"], message: "b must be a matrix, but has rank 1" },
    { says: "other features", inputs: ["float32[N,8]", "float32[3,8]"], message: "a has 8 features, but b takes 3" },
    {
      says: "other features, both transposed",
      inputs: ["float32[8,N]", "float32[3,7]"],
      attributes: { transA: 1, transB: 1 },
      message: "a has 8 features, but b takes 7",
    },
    { says: "c of other units", inputs: ["float32[N,8]", "float32[8,3]", "float32[4]"], message: "axis 1 has 3 and 4" },
    {
      says: "c wider than the product",
      inputs: ["float32[N,8]", "float32[8,1]", "float32[4]"],
      message: "c [4] does not fit [N,1]",
    },
    {
      says: "c of higher rank",
      inputs: ["float32[N,8]", "float32[8,3]", "float32[1,1,3]"],
      message: "c [1,1,3] does not fit [N,3]",
    },
    {
      says: "two element types",
      inputs: ["float32[N,8]", "float32[8,3]", "float64[3]"],
      message: "a is float32, but c is float64",
    },
    { says: "bytes", inputs: ["int8[N,8]", "int8[8,3]"], message: "a is int8; it takes " },
  ],
  older: [
    {
      says: "with c",
      opset: 7,
      inputs: ["float32[N,8]", "float32[3,8]", "float32[3]"],
      attributes: { transB: 1, alpha: 1, beta: 1 },
    },
    { says: "with c", opset: 10, inputs: ["float32[N,8]", "float32[8,3]", "float32[3]"] },
  ],
};

const globalPool = (op: OpCalls["op"]): OpCalls => ({
  op,
  dtypes: FLOATS,
  valid: [
    { says: "images", inputs: ["float32[N,2048,7,7]"], type: "float32[N,2048,1,1]" },
    { says: "signals", inputs: ["float32[2,8,100]"], type: "float32[2,8,1]" },
    { says: "volumes of unknown size", inputs: ["float32[N,?,?,H,W]"], type: "float32[N,?,1,1,1]" },
  ],
  invalid: [
    { says: "features", inputs: ["float32[N,8]"], message: "x must be [N,C,H,...], but has rank 2" },
    { says: "integers", inputs: ["uint8[N,3,8,8]"], message: "x is uint8; it takes " },
  ],
});

const maxPoolCalls: OpCalls = {
  op: maxPool,
  attributes: {
    kernel_shape: { kind: "ints", omitted: undefined },
    strides: { kind: "ints", omitted: [1, 1] },
    pads: { kind: "ints", omitted: [0, 0, 0, 0] },
    dilations: { kind: "ints", omitted: [1, 1] },
    ceil_mode: { kind: "int", omitted: 0 },
    storage_order: { kind: "int", omitted: 0 },
    auto_pad: { kind: "string", omitted: undefined },
  },
  required: { kernel_shape: [3, 3] },
  later: {
    ceil_mode: { since: 10, value: 1 },
    dilations: { since: 10, value: [2, 2] },
    storage_order: { since: 8, value: 1 },
  },
  dtypes: [...FLOATS, "int8", "uint8"],
  valid: [
    {
      says: "stride 1",
      inputs: ["float32[N,64,9,8]"],
      attributes: { kernel_shape: [3, 3] },
      type: "float32[N,64,7,6]",
    },
    {
      says: "ResNet's",
      inputs: ["float32[N,64,112,112]"],
      attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
      type: "float32[N,64,56,56]",
    },
    {
      says: "rounding down",
      inputs: ["float32[1,1,6,6]"],
      attributes: { kernel_shape: [3, 3], strides: [2, 2] },
      type: "float32[1,1,2,2]",
    },
    {
      says: "rounding up",
      inputs: ["float32[1,1,6,6]"],
      attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
      type: "float32[1,1,3,3]",
    },
    {
      says: "rounding up, with the window that starts on the last pixel",
      inputs: ["float32[1,1,4,4]"],
      attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
      type: "float32[1,1,3,3]",
    },
    {
      says: "rounding up, without the window that would start in the end padding",
      inputs: ["float32[1,1,4,4]"],
      attributes: { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
      type: "float32[1,1,2,2]",
    },
    {
      says: "dilation",
      inputs: ["float32[1,1,5,7]"],
      attributes: { kernel_shape: [2, 3], dilations: [2, 3], auto_pad: "NOTSET" },
      type: "float32[1,1,3,1]",
    },
    {
      says: "sizes that are not known",
      inputs: ["float32[N,?,H,4]"],
      attributes: { kernel_shape: [2, 2] },
      type: "float32[N,?,?,3]",
    },
  ],
  invalid: [
    {
      says: "no image",
      inputs: ["float32[N,3,8]"],
      attributes: { kernel_shape: [3, 3] },
      message: "x must be [N,C,H,W], but has rank 3",
    },
    { says: "no window", inputs: ["float32[N,3,8,8]"], message: "attribute 'kernel_shape' is missing" },
    {
      says: "a window over one axis",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [3] },
      message: "kernel_shape is [3], but two axes take 2 numbers",
    },
    {
      says: "a window larger than the image",
      inputs: ["float32[N,3,8,2]"],
      attributes: { kernel_shape: [3, 3] },
      message: "a window of 3 does not fit into 2 with padding 0 and 0",
    },
    {
      says: "one stride",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3], strides: [2] },
      message: "strides is [2], but two axes take 2 numbers",
    },
    {
      says: "padding that it would have to find out",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3], auto_pad: "VALID" },
      message: "auto_pad 'VALID' is not supported: give pads instead",
    },
    {
      says: "integers",
      inputs: ["int32[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3] },
      message: "x is int32; it takes ",
    },
  ],
  declined: [
    { says: "one axis", inputs: ["float32[N,3,8]"], attributes: { kernel_shape: [3] } },
    {
      says: "padding that the runtime finds out",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3], auto_pad: "SAME_LOWER" },
    },
    { says: "no window", inputs: ["float32[N,3,8,8]"] },
  ],
};

const reshapeCalls: OpCalls = {
  op: reshape,
  attributes: { allowzero: { kind: "int", omitted: 0 } },
  later: { allowzero: { since: 14, value: 1 } },
  dtypes: ALL,
  valid: [
    { says: "a gate", inputs: ["float32[N,64]", int64s([0, 64, 1, 1])], type: "float32[N,64,1,1]" },
    { says: "a fixed shape", inputs: ["float32[2,3,4]", int64s([4, 6])], type: "float32[4,6]" },
    { says: "what is left", inputs: ["float32[2,3,4]", int64s([3, -1])], type: "float32[3,8]" },
    { says: "what is left of any batch", inputs: ["float32[N,3,4]", int64s([0, -1])], type: "float32[N,12]" },
    { says: "an unknown rest", inputs: ["float32[N,2048,1,1]", int64s([-1, 2048])], type: "float32[?,2048]" },
    { says: "a scalar", inputs: ["float32[1,1]", int64s([])], type: "float32[]" },
    { says: "a kept length of 0", inputs: ["float32[0,3]", int64s([0, -1])], type: "float32[0,3]" },
    {
      says: "a length of 0",
      inputs: ["float32[2,0,3]", int64s([0, 5])],
      attributes: { allowzero: 1 },
      type: "float32[0,5]",
    },
    { says: "a shape made at run time", inputs: ["float32[N,8]", "int64[3]"], type: "float32[?,?,?]" },
    { says: "a rank made at run time", inputs: ["float32[N,8]", "int64[?]"], type: "unknown" },
  ],
  invalid: [
    { says: "other elements", inputs: ["float32[2,3]", int64s([4])], message: "data [2,3] does not fill shape [4]" },
    { says: "other elements behind a batch", inputs: ["float32[N,3]", int64s([0, 4])], message: "data [N,3] does not" },
    {
      says: "no whole rest",
      inputs: ["float32[2,3]", int64s([4, -1])],
      message: "data [2,3] does not fill shape [4,-1]",
    },
    { says: "two rests", inputs: ["float32[2,3]", int64s([-1, -1])], message: "shape [-1,-1] has more than one -1" },
    { says: "a negative length", inputs: ["float32[N,3]", int64s([-2, 3])], message: "[-2,3] has a length below -1" },
    {
      says: "an axis to keep that is not there",
      inputs: ["float32[2,3]", int64s([2, 3, 0])],
      message: "shape [2,3,0] keeps an axis that data [2,3] does not have",
    },
    {
      says: "a rest beside no elements",
      inputs: ["float32[N,3]", int64s([0, -1])],
      attributes: { allowzero: 1 },
      message: "shape [0,-1] has both 0 and -1",
    },
    { says: "no vector", inputs: ["float32[6]", "int64[1,2]"], message: "shape must be a vector, but has rank 2" },
    {
      says: "a shape of another type",
      inputs: ["float32[6]", "int32[1]"],
      message: "shape must be int64, but is int32",
    },
  ],
};

const softmaxCalls: OpCalls = {
  op: softmax,
  attributes: { axis: { kind: "int", omitted: -1 } },
  dtypes: FLOATS,
  valid: [
    { says: "logits", inputs: ["float32[N,1000]"], type: "float32[N,1000]" },
    { says: "channels", inputs: ["float32[N,8,?,?]"], attributes: { axis: 1 }, type: "float32[N,8,?,?]" },
  ],
  invalid: [
    { says: "a scalar", inputs: ["float32[]"], message: "axis -1 is not in x, which has rank 0" },
    { says: "an axis too far", inputs: ["float32[2,3]"], attributes: { axis: 2 }, message: "axis 2 is not in x" },
    { says: "integers", inputs: ["int32[2]"], message: "x is int32; it takes " },
  ],
};

const averagePoolCalls: OpCalls = {
  op: averagePool,
  attributes: {
    kernel_shape: { kind: "ints", omitted: undefined },
    strides: { kind: "ints", omitted: [1, 1] },
    pads: { kind: "ints", omitted: [0, 0, 0, 0] },
    ceil_mode: { kind: "int", omitted: 0 },
    count_include_pad: { kind: "int", omitted: 0 },
    dilations: { kind: "ints", omitted: [1, 1] },
    auto_pad: { kind: "string", omitted: undefined },
  },
  required: { kernel_shape: [2, 2] },
  later: {
    ceil_mode: { since: 10, value: 1 },
    count_include_pad: { since: 7, value: 1 },
    dilations: { since: 19, value: [2, 2] },
  },
  dtypes: FLOATS,
  valid: [
    {
      says: "stride 1",
      inputs: ["float32[N,64,9,8]"],
      attributes: { kernel_shape: [2, 2] },
      type: "float32[N,64,8,7]",
    },
    {
      says: "Inception's, which keeps the size",
      inputs: ["float32[N,8,35,35]"],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
      type: "float32[N,8,35,35]",
    },
    {
      says: "ResNet-D's shortcut",
      inputs: ["float32[N,8,7,7]"],
      attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 0 },
      type: "float32[N,8,4,4]",
    },
    {
      says: "rounding up, with a window larger than the image",
      inputs: ["float32[1,8,1,3]"],
      attributes: { kernel_shape: [2, 5], strides: [2, 3], ceil_mode: 1 },
      type: "float32[1,8,1,1]",
    },
    {
      says: "rounding up, without the window that would start in the end padding",
      inputs: ["float32[1,1,4,4]"],
      attributes: { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
      type: "float32[1,1,2,2]",
    },
    {
      says: "padding top, left, bottom, right",
      inputs: ["float32[1,1,4,5]"],
      attributes: { kernel_shape: [2, 3], pads: [1, 0, 0, 2] },
      type: "float32[1,1,4,5]",
    },
    {
      says: "dilation",
      inputs: ["float32[1,1,5,7]"],
      attributes: { kernel_shape: [2, 3], dilations: [2, 3], auto_pad: "NOTSET" },
      type: "float32[1,1,3,1]",
    },
    {
      says: "sizes that are not known",
      inputs: ["float32[N,?,H,4]"],
      attributes: { kernel_shape: [2, 2] },
      type: "float32[N,?,?,3]",
    },
  ],
  invalid: [
    {
      says: "no image",
      inputs: ["float32[N,3,8]"],
      attributes: { kernel_shape: [3, 3] },
      message: "x must be [N,C,H,W], but has rank 3",
    },
    { says: "no window", inputs: ["float32[N,3,8,8]"], message: "attribute 'kernel_shape' is missing" },
    {
      says: "a window over three axes",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [2, 2, 2] },
      message: "kernel_shape is [2,2,2], but two axes take 2 numbers",
    },
    {
      says: "a window larger than the image",
      inputs: ["float32[N,3,5,7]"],
      attributes: { kernel_shape: [7, 7] },
      message: "a window of 7 does not fit into 5 with padding 0 and 0",
    },
    {
      says: "rounding up, with a window that is a stride larger than the image",
      inputs: ["float32[N,3,1,7]"],
      attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
      message: "a window of 3 does not fit into 1 with padding 0 and 0",
    },
    {
      says: "padding that it would have to find out",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3], auto_pad: "SAME_UPPER" },
      message: "auto_pad 'SAME_UPPER' is not supported: give pads instead",
    },
    {
      says: "bytes",
      inputs: ["uint8[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3] },
      message: "x is uint8; it takes ",
    },
  ],
  declined: [
    { says: "one axis", inputs: ["float32[N,3,8]"], attributes: { kernel_shape: [3] } },
    {
      says: "padding that the runtime finds out",
      inputs: ["float32[N,3,8,8]"],
      attributes: { kernel_shape: [3, 3], auto_pad: "SAME_LOWER" },
    },
  ],
};

const castCalls: OpCalls = {
  op: cast,
  attributes: {
    to: { kind: "int", omitted: undefined },
    saturate: { kind: "int", omitted: 1 },
    round_mode: { kind: "string", omitted: "up" },
  },
  required: { to: 10 },
  later: { saturate: { since: 19, value: 0 }, round_mode: { since: 24, value: "nearest" } },
  dtypes: ALL.filter((d) => d !== "complex64" && d !== "complex128"),
  valid: [
    { says: "half as many bits", inputs: ["float32[N,3,?,8]"], attributes: { to: 10 }, type: "float16[N,3,?,8]" },
    { says: "pixels", inputs: ["uint8[N,3,8,8]"], attributes: { to: 1 }, type: "float32[N,3,8,8]" },
    { says: "its own type", inputs: ["float32[]"], attributes: { to: 1 }, type: "float32[]" },
    { says: "8 bits", inputs: ["float32[2]"], attributes: { to: 17, saturate: 0 }, type: "float8e4m3fn[2]" },
    { says: "a rank that is not known", inputs: ["float32[...]"], attributes: { to: 7 }, type: "unknown" },
  ],
  invalid: [
    { says: "no type", inputs: ["float32[2]"], message: "attribute 'to' is missing" },
    { says: "0, which is undefined", inputs: ["float32[2]"], attributes: { to: 0 }, message: "to is 0; it takes " },
    { says: "a number of no type", inputs: ["float32[2]"], attributes: { to: 99 }, message: "to is 99; it takes " },
    { says: "no number", inputs: ["float32[2]"], attributes: { to: "float16" }, message: "to is float16; it takes " },
    { says: "to complex", inputs: ["float32[2]"], attributes: { to: 14 }, message: "to is complex64; it takes " },
    { says: "complex", inputs: ["complex64[2]"], attributes: { to: 1 }, message: "x is complex64; it takes " },
  ],
  declined: [{ says: "no type", inputs: ["float32[2]"] }],
};

const clipCalls: OpCalls = {
  op: clip,
  dtypes: [...FLOATS, ...SIGNED, ...UNSIGNED],
  valid: [
    { says: "no limits", inputs: ["float32[N,3,?,8]"], type: "float32[N,3,?,8]" },
    {
      says: "ReLU6",
      inputs: ["float32[N,8,4,4]", float32s([0], []), float32s([6], [])],
      type: "float32[N,8,4,4]",
    },
    { says: "a minimum", inputs: ["float32[2]", float32s([-1], [])], type: "float32[2]" },
    { says: "a maximum", inputs: ["float32[2]", null, "float32[]"], type: "float32[2]" },
    { says: "a limit of unknown rank", inputs: ["float32[2]", "float32[...]"], type: "unknown" },
    { says: "integers", inputs: ["int64[2]", int64s([0], [])], type: "int64[2]" },
  ],
  invalid: [
    { says: "a minimum that is a vector", inputs: ["float32[2]", "float32[1]"], message: "min must be a scalar" },
    {
      says: "a maximum that is a vector",
      inputs: ["float32[2]", null, "float32[2]"],
      message: "max must be a scalar, but has rank 1",
    },
    {
      says: "a limit of another type",
      inputs: ["float32[2]", null, int64s([6], [])],
      message: "x is float32, but max is int64",
    },
    { says: "truth values", inputs: ["bool[2]"], message: "x is bool; it takes " },
  ],
};

const concatCalls: OpCalls = {
  op: concat,
  attributes: { axis: { kind: "int", omitted: undefined } },
  required: { axis: 1 },
  dtypes: [...FLOATS, ...SIGNED, ...UNSIGNED, "bool", "string", "complex64", "complex128"],
  valid: [
    {
      says: "an Inception module",
      inputs: ["float32[N,64,28,28]", "float32[N,128,28,28]", "float32[N,32,28,28]", "float32[N,32,28,28]"],
      attributes: { axis: 1 },
      type: "float32[N,256,28,28]",
    },
    { says: "one input", inputs: ["float32[N,C,7]"], attributes: { axis: 1 }, type: "float32[N,C,7]" },
    { says: "the last axis", inputs: ["float32[2,3]", "float32[2,4]"], attributes: { axis: -1 }, type: "float32[2,7]" },
    { says: "the first", inputs: ["float32[2,3]", "float32[0,3]"], attributes: { axis: -2 }, type: "float32[2,3]" },
    { says: "vectors", inputs: ["int64[1]", int64s([-1])], attributes: { axis: 0 }, type: "int64[2]" },
    {
      says: "a length along the axis that is not known",
      inputs: ["float32[2,3]", "float32[2,?]", "float32[2,4]"],
      attributes: { axis: 1 },
      type: "float32[2,?]",
    },
    {
      says: "symbols along the axis",
      inputs: ["float32[N]", "float32[M]"],
      attributes: { axis: 0 },
      type: "float32[?]",
    },
    {
      says: "the known among lengths of other axes",
      inputs: ["float32[?,1,N,?]", "float32[N,2,7,?]", "float32[M,3,H,?]"],
      attributes: { axis: 1 },
      type: "float32[N,6,7,?]",
    },
    {
      says: "a rank that is not known",
      inputs: ["float32[2]", "float32[...]"],
      attributes: { axis: 0 },
      type: "unknown",
    },
  ],
  invalid: [
    { says: "nothing", inputs: [], attributes: { axis: 0 }, message: "input 'inputs[0]' is missing" },
    {
      says: "a hole",
      inputs: ["float32[2]", null, "float32[2]"],
      attributes: { axis: 0 },
      message: "input 'inputs[1]' is missing",
    },
    { says: "no axis", inputs: ["float32[2]", "float32[2]"], message: "attribute 'axis' is missing" },
    { says: "a scalar", inputs: ["float32[]"], attributes: { axis: 0 }, message: "axis 0 is not in inputs[0]" },
    {
      says: "an axis too far",
      inputs: ["float32[2]", "float32[2]"],
      attributes: { axis: 1 },
      message: "axis 1 is not in inputs[0], which has rank 1",
    },
    {
      says: "an axis before the first",
      inputs: ["float32[2]"],
      attributes: { axis: -2 },
      message: "axis -2 is not in",
    },
    {
      says: "other sizes",
      inputs: ["float32[N,8,7,7]", "float32[N,8,7,7]", "float32[N,8,14,14]"],
      attributes: { axis: 1 },
      message: "inputs[2] is [N,8,14,14], but beside those before it must be [N,8,7,7]",
    },
    {
      says: "two sizes beside a symbol",
      inputs: ["float32[N,1]", "float32[2,1]", "float32[3,1]"],
      attributes: { axis: 1 },
      message: "inputs[2] is [3,1], but beside those before it must be [2,1]",
    },
    {
      says: "another rank",
      inputs: ["float32[2,3]", "float32[2]"],
      attributes: { axis: 0 },
      message: "inputs[1] is [2], but beside those before it must be [2,3]",
    },
    {
      says: "two element types",
      inputs: ["float32[2]", "float32[2]", "float16[2]"],
      attributes: { axis: 0 },
      message: "inputs[0] is float32, but inputs[2] is float16",
    },
    {
      says: "8 bits",
      inputs: ["float8e5m2[2]", "float8e5m2[2]"],
      attributes: { axis: 0 },
      message: "inputs[0] is float8e5m2; it takes ",
    },
  ],
  declined: [
    { says: "a hole", inputs: ["float32[2]", null], attributes: { axis: 0 } },
    { says: "no axis", inputs: ["float32[2]", "float32[2]"] },
  ],
};

const hardSigmoidCalls: OpCalls = {
  op: hardSigmoid,
  attributes: { alpha: { kind: "float", omitted: 0.2 }, beta: { kind: "float", omitted: 0.5 } },
  dtypes: FLOATS,
  valid: [
    { says: "a gate", inputs: ["float32[N,64,1,1]"], type: "float32[N,64,1,1]" },
    {
      says: "PyTorch's slope",
      inputs: ["float32[N,?]"],
      attributes: { alpha: 1 / 6, beta: 0.5 },
      type: "float32[N,?]",
    },
    { says: "a rank that is not known", inputs: ["float32[...]"], type: "unknown" },
  ],
  invalid: [{ says: "integers", inputs: ["int32[2]"], message: "x is int32; it takes " }],
};

const lrnCalls: OpCalls = {
  op: lrn,
  attributes: {
    size: { kind: "int", omitted: undefined },
    alpha: { kind: "float", omitted: 1e-4 },
    beta: { kind: "float", omitted: 0.75 },
    bias: { kind: "float", omitted: 1 },
  },
  required: { size: 5 },
  dtypes: FLOATS,
  valid: [
    { says: "GoogLeNet's", inputs: ["float32[N,64,56,56]"], attributes: { size: 5 }, type: "float32[N,64,56,56]" },
    {
      says: "AlexNet's, over features",
      inputs: ["float32[N,?]"],
      attributes: { size: 5, alpha: 1e-3, beta: 0.5, bias: 2 },
      type: "float32[N,?]",
    },
  ],
  invalid: [
    { says: "no size", inputs: ["float32[N,8,7,7]"], message: "attribute 'size' is missing" },
    { says: "no channels to sum", inputs: ["float32[N,8,7,7]"], attributes: { size: 0 }, message: "size 0 must be 1" },
    {
      says: "a vector",
      inputs: ["float32[8]"],
      attributes: { size: 5 },
      message: "x must be [N,C,...], but has rank 1",
    },
    { says: "integers", inputs: ["int32[N,8]"], attributes: { size: 5 }, message: "x is int32; it takes " },
  ],
  declined: [{ says: "no size", inputs: ["float32[N,8,7,7]"] }],
};

const matMulCalls: OpCalls = {
  op: matMul,
  dtypes: [...FLOATS, "int32", "int64", "uint32", "uint64"],
  valid: [
    { says: "matrices", inputs: ["float32[N,8]", "float32[8,3]"], type: "float32[N,3]" },
    { says: "one matrix for all", inputs: ["float32[N,49,8]", "float32[8,3]"], type: "float32[N,49,3]" },
    { says: "attention", inputs: ["float32[N,4,49,8]", "float32[N,4,8,49]"], type: "float32[N,4,49,49]" },
    { says: "broadcast batches", inputs: ["float32[2,1,3,4]", "float32[5,4,6]"], type: "float32[2,5,3,6]" },
    { says: "a row", inputs: ["float32[4]", "float32[2,4,3]"], type: "float32[2,3]" },
    { says: "a column", inputs: ["float32[2,3,4]", "float32[4]"], type: "float32[2,3]" },
    { says: "an inner product", inputs: ["float32[4]", "float32[4]"], type: "float32[]" },
    { says: "lengths that are not known", inputs: ["float32[M,?,K]", "float32[?,4,?]"], type: "float32[?,?,?]" },
    { says: "a rank that is not known", inputs: ["float32[2,2]", "float32[...]"], type: "unknown" },
  ],
  invalid: [
    { says: "other rows", inputs: ["float32[N,8]", "float32[3,8]"], message: "a has 8 columns, but b has 3 rows" },
    { says: "vectors that differ", inputs: ["float32[3]", "float32[4]"], message: "a has 3 columns, but b has 4 rows" },
    {
      says: "other batches",
      inputs: ["float32[2,3,4]", "float32[5,4,3]"],
      message: "float32[2] and float32[5] do not broadcast: axis 0 has 2 and 5",
    },
    { says: "a scalar", inputs: ["float32[2,3]", "float32[]"], message: "a and b must have an axis at least" },
    { says: "two element types", inputs: ["float32[2,2]", "float16[2,2]"], message: "a is float32, but b is float16" },
    { says: "bytes", inputs: ["int8[2,2]", "int8[2,2]"], message: "a is int8; it takes " },
  ],
};

const transposeCalls: OpCalls = {
  op: transpose,
  attributes: { perm: { kind: "ints", omitted: undefined } },
  dtypes: ALL,
  valid: [
    { says: "turned round", inputs: ["float32[N,3,?,8]"], type: "float32[8,?,3,N]" },
    {
      says: "channels last",
      inputs: ["float32[N,3,H,8]"],
      attributes: { perm: [0, 2, 3, 1] },
      type: "float32[N,H,8,3]",
    },
    {
      says: "a channel shuffle",
      inputs: ["float32[N,3,80,28,28]"],
      attributes: { perm: [0, 2, 1, 3, 4] },
      type: "float32[N,80,3,28,28]",
    },
    { says: "a scalar", inputs: ["float32[]"], attributes: { perm: [] }, type: "float32[]" },
    { says: "a rank that is not known", inputs: ["float32[...]"], attributes: { perm: [1, 0] }, type: "unknown" },
  ],
  invalid: [
    {
      says: "an axis too few",
      inputs: ["float32[2,3,4]"],
      attributes: { perm: [1, 0] },
      message: "perm [1,0] is no order of the 3 axes of x",
    },
    {
      says: "an axis twice",
      inputs: ["float32[2,3]"],
      attributes: { perm: [0, 0] },
      message: "perm [0,0] is no order",
    },
    {
      says: "an axis too far",
      inputs: ["float32[2,3]"],
      attributes: { perm: [0, 2] },
      message: "perm [0,2] is no order",
    },
    {
      says: "an axis from the end",
      inputs: ["float32[2,3]"],
      attributes: { perm: [0, -1] },
      message: "perm [0,-1] is",
    },
  ],
};

/** One entry for every registered operator. */
export const calls: readonly OpCalls[] = [
  binary(add),
  averagePoolCalls,
  batchNormalizationCalls,
  castCalls,
  clipCalls,
  concatCalls,
  convCalls,
  dropoutCalls,
  flattenCalls,
  gemmCalls,
  globalPool(globalAveragePool),
  globalPool(globalMaxPool),
  hardSigmoidCalls,
  unary(hardSwish, FLOATS, "int32"),
  unary(identity, ALL, null),
  lrnCalls,
  matMulCalls,
  maxPoolCalls,
  binary(mul),
  unary(relu, [...FLOATS, ...SIGNED], "uint8"),
  reshapeCalls,
  unary(sigmoid, FLOATS, "int32"),
  softmaxCalls,
  unary(tanh, FLOATS, "int32"),
  transposeCalls,
];

/** `match` for an operator of the registry, whose inputs and attributes are not known by type. */
export const matchOf = (op: AnyOp, node: Node | null | undefined) =>
  match(op as unknown as Op<readonly string[], Specs>, node); // as `defineOp` made it
