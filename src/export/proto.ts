import type { Integer } from "../graph/attribute.js";
import type { Ranged } from "../graph/tensor.js";

/** Bytes at hand, or read when they are wanted. */
export type Payload = Uint8Array | Ranged;

/** Fields that the schema does not know, tag and all. */
interface Message {
  unknown?: Payload[];
}
export interface StringStringEntry extends Message {
  key?: string;
  value?: string;
}
export interface TensorMessage extends Message {
  dims?: Integer[];
  data_type?: Integer;
  float_data?: Payload[];
  int32_data?: Payload[];
  string_data?: Uint8Array[];
  int64_data?: Payload[];
  name?: string;
  raw_data?: Payload;
  double_data?: Payload[];
  uint64_data?: Payload[];
  external_data?: StringStringEntry[];
  data_location?: Integer;
}
export interface SparseTensorMessage extends Message {
  values?: TensorMessage;
  indices?: TensorMessage;
  dims?: Integer[];
}
export interface DimensionMessage extends Message {
  dim_value?: Integer;
  dim_param?: string;
}
export interface TypedShapeMessage extends Message {
  elem_type?: Integer;
  shape?: { dim?: DimensionMessage[] };
}
export interface TypeMessage extends Message {
  tensor_type?: TypedShapeMessage;
  sequence_type?: { elem_type?: TypeMessage };
  map_type?: { key_type?: Integer; value_type?: TypeMessage };
  sparse_tensor_type?: TypedShapeMessage;
  optional_type?: { elem_type?: TypeMessage };
}
export interface ValueInfoMessage extends Message {
  name?: string;
  type?: TypeMessage;
}
export interface AttributeMessage extends Message {
  name?: string;
  f?: number;
  i?: Integer;
  s?: Uint8Array;
  t?: TensorMessage;
  g?: GraphMessage;
  floats?: number[];
  ints?: Integer[];
  strings?: Uint8Array[];
  tensors?: TensorMessage[];
  graphs?: GraphMessage[];
  tp?: TypeMessage;
  type_protos?: TypeMessage[];
  type?: Integer;
  ref_attr_name?: string;
  sparse_tensor?: SparseTensorMessage;
  sparse_tensors?: SparseTensorMessage[];
}
export interface NodeMessage extends Message {
  input?: string[];
  output?: string[];
  name?: string;
  op_type?: string;
  attribute?: AttributeMessage[];
  domain?: string;
  metadata_props?: StringStringEntry[];
}
export interface GraphMessage extends Message {
  node?: NodeMessage[];
  name?: string;
  initializer?: TensorMessage[];
  input?: ValueInfoMessage[];
  output?: ValueInfoMessage[];
  value_info?: ValueInfoMessage[];
  sparse_initializer?: SparseTensorMessage[];
}
export interface OperatorSetMessage extends Message {
  domain?: string;
  version?: Integer;
}
export interface FunctionMessage extends Message {
  name?: string;
  input?: string[];
  output?: string[];
  node?: NodeMessage[];
  opset_import?: OperatorSetMessage[];
  domain?: string;
}
export interface ModelMessage extends Message {
  ir_version?: Integer;
  producer_name?: string;
  producer_version?: string;
  domain?: string;
  model_version?: Integer;
  doc_string?: string;
  graph?: GraphMessage;
  opset_import?: OperatorSetMessage[];
  metadata_props?: StringStringEntry[];
  functions?: FunctionMessage[];
}
