import type { DType } from "./dtype.js";
import type { Graph } from "./graph.js";
import type { Tensor } from "./tensor.js";
import type { Type } from "./type.js";

/** values at indices of an otherwise zero tensor (onnx.proto, SparseTensorProto). */
export interface SparseTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: Tensor;
  readonly indices: Tensor;
}
/** Bytes where the text is not UTF-8. */
export type Text = string | Uint8Array;
/** A 64-bit integer: a bigint only where a number could not hold it. */
export type Integer = number | bigint;

interface Kinds {
  int: Integer;
  ints: readonly Integer[];
  float: number;
  floats: readonly number[];
  string: Text;
  strings: readonly Text[];
  tensor: Tensor;
  tensors: readonly Tensor[];
  graph: Graph;
  graphs: readonly Graph[];
  sparse: SparseTensor;
  sparses: readonly SparseTensor[];
  type: Type | null;
  types: readonly (Type | null)[];
}
export type AttributeKind = keyof Kinds;

/** Kinds are declared, since JavaScript cannot tell 1 from 1.0 and ONNX Runtime can. */
export type Attribute =
  | { readonly [K in AttributeKind]: { readonly kind: K; readonly value: Kinds[K] } }[AttributeKind]
  /** Inside a function: the attribute of that name of the calling node. */
  | { readonly kind: "reference"; readonly to: string; readonly of: AttributeKind };

export type Attributes = Readonly<Record<string, Attribute>>;
