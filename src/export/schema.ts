/**
 * What one field holds. "payload": bytes that may be long. "varints", "floats", "doubles": numbers as they stand on the wire, a list of byte runs.
 */
export type FieldKind =
  | "int"
  | "float"
  | "text"
  | "bytes"
  | "payload"
  | "varints"
  | "floats"
  | "doubles"
  | (() => Schema);
export interface Field {
  readonly key: string;
  readonly id: number;
  readonly kind: FieldKind;
  readonly repeated: boolean;
}
/** Fields of one message in the order of their numbers, those that a Graph has words for; the decoder keeps the others as bytes. */
export interface Schema {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly byId: ReadonlyMap<number, Field>;
}
type Spec = readonly [id: number, kind: FieldKind, repeated?: "*"];

function message(name: string, specs: Readonly<Record<string, Spec>>): Schema {
  const fields = Object.entries(specs)
    .map(([key, [id, kind, many]]) => ({ key, id, kind, repeated: many === "*" }))
    .sort((a, b) => a.id - b.id);
  return { name, fields, byId: new Map(fields.map((field) => [field.id, field])) };
}

// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (proto2).
const StringStringEntryProto = /* @__PURE__ */ message("StringStringEntryProto", {
  key: [1, "text"],
  value: [2, "text"],
});
export const TensorProto = /* @__PURE__ */ message("TensorProto", {
  dims: [1, "int", "*"],
  data_type: [2, "int"],
  float_data: [4, "floats", "*"],
  int32_data: [5, "varints", "*"],
  string_data: [6, "bytes", "*"],
  int64_data: [7, "varints", "*"],
  name: [8, "text"],
  raw_data: [9, "payload"],
  double_data: [10, "doubles", "*"],
  uint64_data: [11, "varints", "*"],
  external_data: [13, () => StringStringEntryProto, "*"],
  data_location: [14, "int"],
});
export const SparseTensorProto = /* @__PURE__ */ message("SparseTensorProto", {
  values: [1, () => TensorProto],
  indices: [2, () => TensorProto],
  dims: [3, "int", "*"],
});
const Dimension = /* @__PURE__ */ message("TensorShapeProto.Dimension", {
  dim_value: [1, "int"],
  dim_param: [2, "text"],
});
const TensorShapeProto = /* @__PURE__ */ message("TensorShapeProto", { dim: [1, () => Dimension, "*"] });
const TypedShape = /* @__PURE__ */ message("TypeProto.Tensor", {
  elem_type: [1, "int"],
  shape: [2, () => TensorShapeProto],
});
const Element = /* @__PURE__ */ message("TypeProto.Sequence", { elem_type: [1, () => TypeProto] });
const MapOf = /* @__PURE__ */ message("TypeProto.Map", { key_type: [1, "int"], value_type: [2, () => TypeProto] });
export const TypeProto: Schema = /* @__PURE__ */ message("TypeProto", {
  tensor_type: [1, () => TypedShape],
  sequence_type: [4, () => Element],
  map_type: [5, () => MapOf],
  sparse_tensor_type: [8, () => TypedShape],
  optional_type: [9, () => Element],
});
export const ValueInfoProto = /* @__PURE__ */ message("ValueInfoProto", {
  name: [1, "text"],
  type: [2, () => TypeProto],
});
export const AttributeProto: Schema = /* @__PURE__ */ message("AttributeProto", {
  name: [1, "text"],
  f: [2, "float"],
  i: [3, "int"],
  s: [4, "bytes"],
  t: [5, () => TensorProto],
  g: [6, () => GraphProto],
  floats: [7, "float", "*"],
  ints: [8, "int", "*"],
  strings: [9, "bytes", "*"],
  tensors: [10, () => TensorProto, "*"],
  graphs: [11, () => GraphProto, "*"],
  tp: [14, () => TypeProto],
  type_protos: [15, () => TypeProto, "*"],
  type: [20, "int"],
  ref_attr_name: [21, "text"],
  sparse_tensor: [22, () => SparseTensorProto],
  sparse_tensors: [23, () => SparseTensorProto, "*"],
});
export const NodeProto = /* @__PURE__ */ message("NodeProto", {
  input: [1, "text", "*"],
  output: [2, "text", "*"],
  name: [3, "text"],
  op_type: [4, "text"],
  attribute: [5, () => AttributeProto, "*"],
  domain: [7, "text"],
  metadata_props: [9, () => StringStringEntryProto, "*"],
});
export const GraphProto: Schema = /* @__PURE__ */ message("GraphProto", {
  node: [1, () => NodeProto, "*"],
  name: [2, "text"],
  initializer: [5, () => TensorProto, "*"],
  input: [11, () => ValueInfoProto, "*"],
  output: [12, () => ValueInfoProto, "*"],
  value_info: [13, () => ValueInfoProto, "*"],
  sparse_initializer: [15, () => SparseTensorProto, "*"],
});
const OperatorSetIdProto = /* @__PURE__ */ message("OperatorSetIdProto", { domain: [1, "text"], version: [2, "int"] });
export const FunctionProto = /* @__PURE__ */ message("FunctionProto", {
  name: [1, "text"],
  input: [4, "text", "*"],
  output: [5, "text", "*"],
  node: [7, () => NodeProto, "*"],
  opset_import: [9, () => OperatorSetIdProto, "*"],
  domain: [10, "text"],
});
export const ModelProto = /* @__PURE__ */ message("ModelProto", {
  ir_version: [1, "int"],
  producer_name: [2, "text"],
  producer_version: [3, "text"],
  domain: [4, "text"],
  model_version: [5, "int"],
  doc_string: [6, "text"],
  graph: [7, () => GraphProto],
  opset_import: [8, () => OperatorSetIdProto, "*"],
  metadata_props: [14, () => StringStringEntryProto, "*"],
  functions: [25, () => FunctionProto, "*"],
});
