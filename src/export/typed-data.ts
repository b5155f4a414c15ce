import { BITS } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";
import { byteLength, lazyTensor, once, SMALL_BYTES, type Tensor, tensor } from "../graph/tensor.js";
import { type ConcreteType, elements, show } from "../graph/type.js";
import type { Payload, TensorMessage } from "./proto.js";
import { join } from "./rope.js";
import { unpackVarints } from "./varint.js";

/**
 * A tensor whose values stand in one of the typed fields (float_data and the like), as small files and old exporters have them. Long ones of
 * integers are converted when they are first read, and then stay in memory: where a value lies is known only from those before it.
 */
export function typedTensor(type: ConcreteType, m: TensorMessage, what: string): Promise<Tensor> {
  const { dtype } = type;
  if (dtype === "float32" || dtype === "complex64") return fromFixed(type, m.float_data ?? [], what);
  if (dtype === "float64" || dtype === "complex128") return fromFixed(type, m.double_data ?? [], what);
  if (dtype === "int64") return fromVarints(type, m.int64_data ?? [], what);
  return fromVarints(type, (dtype === "uint32" || dtype === "uint64" ? m.uint64_data : m.int32_data) ?? [], what);
}

const lengthOf = (blocks: readonly Payload[]): number => blocks.reduce((n, b) => n + b.byteLength, 0);
const readBlocks = async (blocks: readonly Payload[]): Promise<Uint8Array> =>
  join(await Promise.all(blocks.map((b) => (b instanceof Uint8Array ? b : b.read(0, b.byteLength)))));

/** Values that stand on the wire as they do in raw data. */
async function fromFixed(type: ConcreteType, blocks: readonly Payload[], what: string): Promise<Tensor> {
  const wanted = byteLength(type);
  const stored = lengthOf(blocks);
  if (stored !== wanted)
    throw new UserError(
      `${what} is ${show(type)}, which takes ${wanted} bytes, but ${stored} bytes of values are there`,
    );
  const [first] = blocks;
  if (wanted > SMALL_BYTES && blocks.length === 1 && first && !(first instanceof Uint8Array))
    return lazyTensor(type, first.read);
  return tensor(type.dtype, type.shape, await readBlocks(blocks));
}

/** One varint an element, or one a byte where elements share bytes; of each, the low bytes count. */
async function fromVarints(type: ConcreteType, blocks: readonly Payload[], what: string): Promise<Tensor> {
  const count = (BITS[type.dtype] ?? 8) < 8 ? byteLength(type) : elements(type.shape);
  const stored = lengthOf(blocks);
  if (stored < count || stored > 10 * count)
    throw new UserError(
      `${what} is ${show(type)}, which takes ${count} integers, but ${stored} bytes of them are there`,
    );
  const convert = async (): Promise<Uint8Array> => {
    const out = new Uint8Array(byteLength(type));
    const found = unpackVarints(await readBlocks(blocks), out, count ? out.length / count : 1);
    if (found !== count)
      throw new UserError(
        `${what} is ${show(type)}, which takes ${count} integers, but ${found ?? "no whole ones"} are there`,
      );
    return out;
  };
  if (byteLength(type) <= SMALL_BYTES) return tensor(type.dtype, type.shape, await convert());
  const all = once(convert);
  return lazyTensor(type, async (start, end) => (await all()).slice(start, end));
}
