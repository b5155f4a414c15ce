import type { Integer } from "../graph/attribute.js";
import { float32s, type Tensor, tensor } from "../graph/tensor.js";
import { tensorType } from "../graph/type.js";
import { ownDomain } from "./opsets.js";
import { title } from "./order.js";
import type { NodeMessage } from "./proto.js";
import { type OpenExternal, readTensor, stringTensor } from "./tensor.js";

/** The tensor of a Constant node; null for other nodes, for a sparse constant, and inside a function for one that its caller gives. */
export async function readConstant(node: NodeMessage, openExternal: OpenExternal): Promise<Tensor | null> {
  const [a, ...more] = node.attribute ?? [];
  if (node.op_type !== "Constant" || ownDomain(node.domain) || !a || more.length || a.ref_attr_name) return null;
  switch (a.name) {
    case "value":
      return a.t ? readTensor(a.t, openExternal, title(node)) : null;
    case "value_float":
      return float32s([a.f ?? 0], []);
    case "value_floats":
      return float32s(a.floats ?? []);
    case "value_int":
      return wholeInt64s([a.i ?? 0], []);
    case "value_ints":
      return wholeInt64s(a.ints ?? []);
    case "value_string":
      return stringTensor(tensorType("string", []), [a.s ?? new Uint8Array()], title(node));
    case "value_strings":
      return stringTensor(tensorType("string", [a.strings?.length ?? 0]), a.strings ?? [], title(node));
    default:
      return null;
  }
}

const wholeInt64s = (values: readonly Integer[], shape: readonly number[] = [values.length]): Tensor =>
  tensor("int64", shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
