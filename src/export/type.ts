import type { Dim, Shape, Type } from "../graph/type.js";
import { tensorType } from "../graph/type.js";
import { dtypeOf } from "./dtype.js";
import type { TypedShapeMessage, TypeMessage } from "./proto.js";

/** The type of a TypeProto; null where it says nothing. */
export function readType(m: TypeMessage | undefined): Type | null {
  if (m?.tensor_type) return isTyped(m.tensor_type) ? tensorType(dtypeOf(m.tensor_type.elem_type, "a value"), readShape(m.tensor_type)) : null;
  if (m?.sparse_tensor_type) return { kind: "sparse", dtype: dtypeOf(m.sparse_tensor_type.elem_type, "a value"), shape: readShape(m.sparse_tensor_type) };
  if (m?.sequence_type) return { kind: "sequence", element: readType(m.sequence_type.elem_type) };
  if (m?.optional_type) return { kind: "optional", element: readType(m.optional_type.elem_type) };
  if (m?.map_type) return { kind: "map", key: dtypeOf(m.map_type.key_type, "a map's key"), value: readType(m.map_type.value_type) };
  const [opaque] = m?.unknown ?? [];
  return opaque instanceof Uint8Array ? { kind: "opaque", bytes: opaque } : null;
}
const isTyped = (m: TypedShapeMessage): boolean => Number(m.elem_type ?? 0) !== 0;

const readShape = (m: TypedShapeMessage): Shape | null =>
  m.shape ? (m.shape.dim ?? []).map((d): Dim => (d.dim_value !== undefined && Number(d.dim_value) >= 0 ? Number(d.dim_value) : d.dim_param || null)) : null;
