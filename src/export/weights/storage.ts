import { bytesPerElement, type DType } from "../../graph/dtype.js";
import { isLength } from "./limits.js";
import { quoted } from "./names.js";
import { keyOf, kindOf, type PickleCall, PickleObject } from "./pickle-machine.js";

/** An element type, as the class of a storage or a torch.dtype names it. */
export class TorchType extends PickleObject {
  constructor(readonly dtype: DType) {
    super();
  }
}

/** Numbers in row that tensors are views of. Its bytes are found by its key when the whole pickle is read. */
export class Storage extends PickleObject {
  constructor(
    readonly key: string,
    readonly dtype: DType,
    /** Where it starts, in elements: a storage may be a part of another. */
    readonly offset: number,
    readonly elements: number,
  ) {
    super();
  }
}

/** A tensor: element (i, j, ...) is number offset + i * strides[0] + j * strides[1] + ... of its storage. */
export class TorchTensor extends PickleObject {
  constructor(
    readonly storage: Storage,
    readonly dtype: DType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }
}

/** All storages that a pickle mentions: the bytes that the first mention of a key says it has. */
export type Mentioned = Map<string, { readonly dtype: DType; readonly elements: number }>;

/**
 * What a persistent id of PyTorch stands for: ("storage", type, key, location, elements), and before PyTorch 1.6 a sixth item, which is None or
 * (key, offset, elements) of a part of that storage. The location, a device, is not needed.
 */
export function storageOf(id: unknown, call: PickleCall, mentioned: Mentioned): Storage {
  if (!Array.isArray(id)) throw call.fail(`the persistent id is ${kindOf(id)}, which is no storage`);
  const [what, type, key, , elements, part]: readonly unknown[] = id;
  if (what !== "storage" || !(type instanceof TorchType))
    throw call.fail(`the persistent id starts with ${kindOf(what)} and ${kindOf(type)}, which is no storage`);
  const name = keyOf(key);
  if (!isLength(elements) || name === null)
    throw call.fail(`a storage has ${kindOf(key)} for its key and ${kindOf(elements)} for its length`);
  const { dtype } = type;
  const known = mentioned.get(name);
  if (!known) mentioned.set(name, { dtype, elements });
  else if (mentionedBytes(mentioned, name) !== bytesPerElement(dtype) * elements)
    throw call.fail(`the storage ${quoted(name)} has ${elements} elements of ${dtype} here, and other bytes before`);
  if (part === null || part === undefined) return new Storage(name, dtype, 0, elements);
  const [, offset, length] = Array.isArray(part) ? part : [];
  if (!isLength(offset) || !isLength(length) || offset + length > elements)
    throw call.fail(`a part of the storage ${quoted(name)} is not within its ${elements} elements`);
  return new Storage(name, dtype, offset, length);
}

/** Bytes of the storage with this key. */
export function mentionedBytes(mentioned: Mentioned, key: string): number {
  const { dtype, elements } = mentioned.get(key) ?? { dtype: "uint8", elements: Number.NaN };
  return bytesPerElement(dtype) * elements;
}
