import { type DType, dataType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";
import { type Dim, type Shape, type Type, tensorType } from "../graph/type.js";
import { knownDtype } from "./dtype.js";
import type { DimensionMessage, TypedShapeMessage, TypeMessage } from "./proto.js";
import { spell } from "./rope.js";
import { TypeProto } from "./schema.js";

/** Types that say more than a Type has words for (the denotation of a value or of an axis), as their file spells them. */
const spelt = /* @__PURE__ */ new WeakMap<Type, TypeMessage>();

/** The type of a TypeProto; null where it says nothing, which a tensor type without element type does too. */
export function readType(m: TypeMessage | undefined): Type | null {
  const type = m ? known(m) : null;
  if (m && type && saysMore(m)) spelt.set(type, m);
  return type;
}

function known(m: TypeMessage): Type | null {
  if (m.tensor_type) {
    if (!m.tensor_type.elem_type) return null;
    const dtype = knownDtype(m.tensor_type.elem_type);
    return dtype ? tensorType(dtype, readShape(m.tensor_type)) : opaque(m);
  }
  if (m.sparse_tensor_type) {
    const dtype = knownDtype(m.sparse_tensor_type.elem_type);
    return dtype ? { kind: "sparse", dtype, shape: readShape(m.sparse_tensor_type) } : opaque(m);
  }
  if (m.sequence_type) return { kind: "sequence", element: readType(m.sequence_type.elem_type) };
  if (m.optional_type) return { kind: "optional", element: readType(m.optional_type.elem_type) };
  if (m.map_type) {
    const key = knownDtype(m.map_type.key_type);
    return key ? { kind: "map", key, value: readType(m.map_type.value_type) } : opaque(m);
  }
  return m.unknown ? opaque(m) : null;
}

function opaque(m: TypeMessage): Type {
  const bytes = spell(TypeProto, m);
  if (!bytes) throw new UserError("a value has a type that this version does not know and that is too long to be kept");
  return { kind: "opaque", bytes };
}

/** True where a Type has no words for something: unknown fields, lengths below 0 or beyond 2^53. */
const saysMore = (m: object): boolean =>
  Object.entries(m).some(([key, v]) => {
    if (key === "dim_value") return !isLength(v);
    return key === "unknown" || (typeof v === "object" && saysMore(v));
  });
const isLength = (v: unknown): v is number => Number.isSafeInteger(v) && Number(v) >= 0;

const readShape = (m: TypedShapeMessage): Shape | null => (m.shape ? (m.shape.dim ?? []).map(readDim) : null);
const readDim = ({ dim_value, dim_param }: DimensionMessage): Dim =>
  isLength(dim_value) ? dim_value : dim_param || null;

export function typeMessage(type: Type | null): TypeMessage {
  if (!type) return {};
  const original = spelt.get(type);
  if (original) return original;
  switch (type.kind) {
    case "tensor":
      return { tensor_type: typedShape(type.dtype, type.shape) };
    case "sparse":
      return { sparse_tensor_type: typedShape(type.dtype, type.shape) };
    case "sequence":
      return { sequence_type: type.element ? { elem_type: typeMessage(type.element) } : {} };
    case "optional":
      return { optional_type: type.element ? { elem_type: typeMessage(type.element) } : {} };
    case "map":
      return {
        map_type: { key_type: dataType(type.key), ...(type.value ? { value_type: typeMessage(type.value) } : {}) },
      };
    case "opaque":
      return { unknown: [type.bytes] };
  }
}
const typedShape = (dtype: DType, shape: Shape | null): TypedShapeMessage => ({
  elem_type: dataType(dtype),
  ...(shape ? { shape: { dim: shape.map(dimension) } } : {}),
});
const dimension = (d: Dim): DimensionMessage =>
  typeof d === "number" ? { dim_value: d } : d === null ? {} : { dim_param: d };
