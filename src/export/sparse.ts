import type { SparseTensor } from "../graph/attribute.js";
import { UserError } from "../graph/error.js";
import type { Tensor } from "../graph/tensor.js";
import { keep, keptOf } from "./kept.js";
import type { SparseTensorMessage, TensorMessage } from "./proto.js";
import { tensorMessage } from "./tensor.js";

/** The sparse tensor of a SparseTensorProto, whose parts `tensor` reads. */
export async function readSparse(
  m: SparseTensorMessage,
  tensor: (m: TensorMessage, what: string) => Promise<Tensor>,
  what: string,
): Promise<SparseTensor> {
  const shape = (m.dims ?? []).map(Number);
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0))
    throw new UserError(`${what} has the shape [${shape.join(",")}]`);
  const values = await tensor(m.values ?? {}, `the values of ${what}`);
  const indices = await tensor(m.indices ?? {}, `the indices of ${what}`);
  return keep({ dtype: values.dtype, shape, values, indices }, m.unknown);
}

/** `name` is that of the sparse tensor, where it has one: it stands with its values. */
export const sparseMessage = (t: SparseTensor, name?: string): SparseTensorMessage => ({
  values: tensorMessage(t.values, undefined, name),
  indices: tensorMessage(t.indices, undefined),
  dims: [...t.shape],
  unknown: [...keptOf(t)],
});
