import { bytesPerElement } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { type Ranged, range } from "../../graph/tensor.js";
import { isLength, isLengths, MAX_RANK } from "./limits.js";
import { quoted } from "./names.js";
import { readPickle } from "./pickle.js";
import { readFront } from "./pickle-front.js";
import type { PickleInput } from "./pickle-input.js";
import { keyOf, kindOf, type PickleRules } from "./pickle-machine.js";
import { Storage, TorchTensor, TorchType } from "./storage.js";
import { readTar } from "./tar.js";
import { requireFew, type TorchFile } from "./torch-file.js";
import { TORCH_GLOBALS } from "./torch-globals.js";

/** Bytes read at a time where a short pickle starts. */
const PIECE = 1024;
const RULES: PickleRules = {
  globals: TORCH_GLOBALS,
  persistent: (id, call) => {
    throw call.fail(`the persistent id ${kindOf(id)} where none is expected`);
  },
};

/** Something by the number it had in the memory of the process that saved it. */
type ById<T> = Map<string, T>;

/**
 * The container before PyTorch 0.1.10 (torch/serialization.py, legacy_load): a tar archive with the files "storages", "tensors" and "pickle", of
 * which the last refers to tensors by their ids.
 */
export async function readTorchTar(source: Ranged, name: string): Promise<TorchFile> {
  const files = await readTar(source, name);
  const file = (path: string): Ranged => {
    const found = files.get(path);
    if (!found) throw new UserError(`${name} is a tar archive without a file '${path}', so it is no PyTorch file`);
    return found;
  };
  const { storages, bytes } = await readStorages(file("storages"), `'storages' in ${name}`);
  const tensors = await readTensors(file("tensors"), `'tensors' in ${name}`, storages);
  const root = await readFront(file("pickle"), `'pickle' in ${name}`, 0, 64 * PIECE, (input) =>
    readPickle(input, {
      globals: TORCH_GLOBALS,
      persistent: (id, call) => {
        const tensor = tensors.get(keyOf(id) ?? "");
        if (!tensor) throw call.fail(`the persistent id ${kindOf(id)} is that of no tensor`);
        return tensor;
      },
    }),
  );
  return {
    root,
    async open(key) {
      const found = bytes.get(key);
      if (!found) throw new UserError(`${name} has no storage ${quoted(key)}`);
      return found;
    },
  };
}

/** A count; for each storage a pickle of (id, device, type), its count of elements and its numbers; then parts of them as (id, whole, offset, elements). */
async function readStorages(
  source: Ranged,
  name: string,
): Promise<{ readonly storages: ById<Storage>; readonly bytes: ById<Ranged> }> {
  const storages: ById<Storage> = new Map();
  const bytes: ById<Ranged> = new Map();
  const { value, end } = await pickleAt(source, name, 0, () => null);
  const count = requireFew(value, "storages", name);
  let at = end;
  for (let i = 0; i < count; i++) {
    const { value, end: body, more: elements } = await pickleAt(source, name, at, (input) => input.uint64());
    const [number, , type] = Array.isArray(value) ? value : [];
    const id = keyOf(number);
    if (id === null || !(type instanceof TorchType))
      throw new UserError(`${name}, byte ${at}: a storage has the id ${kindOf(number)} and the type ${kindOf(type)}`);
    at = body + elements * bytesPerElement(type.dtype);
    if (!(at <= source.byteLength))
      throw new UserError(`${name}, byte ${body}: ${elements} elements go beyond the file`);
    storages.set(id, new Storage(id, type.dtype, 0, elements));
    bytes.set(id, range(source, body, at));
  }
  const { value: parts } = await pickleAt(source, name, at, () => null);
  for (const part of Array.isArray(parts) ? parts : []) {
    const [number, whole, offset, elements] = Array.isArray(part) ? part : [];
    const [id, root] = [keyOf(number), storages.get(keyOf(whole) ?? "")];
    if (id === null || !root || !isLength(offset) || !isLength(elements) || offset + elements > root.elements)
      throw new UserError(`${name}: the part ${kindOf(number)} is not within its storage`);
    storages.set(id, new Storage(root.key, root.dtype, root.offset + offset, elements));
  }
  return { storages, bytes };
}

/** A count; for each tensor a pickle of (id, storage, type), its rank (in 8 bytes), shape, strides and offset. */
async function readTensors(source: Ranged, name: string, storages: ById<Storage>): Promise<ById<TorchTensor>> {
  const tensors: ById<TorchTensor> = new Map();
  const first = await pickleAt(source, name, 0, () => null);
  const count = requireFew(first.value, "tensors", name);
  let at = first.end;
  for (let i = 0; i < count; i++) {
    const { value, end, more } = await pickleAt(source, name, at, readLayout);
    const [number, storageId] = Array.isArray(value) ? value : [];
    const [id, storage] = [keyOf(number), storages.get(keyOf(storageId) ?? "")];
    if (id === null || !storage)
      throw new UserError(
        `${name}, byte ${at}: a tensor has the id ${kindOf(number)} and the storage ${kindOf(storageId)}, which is none`,
      );
    tensors.set(id, new TorchTensor(storage, storage.dtype, more.offset, more.shape, more.strides));
    at = end;
  }
  return tensors;
}
function readLayout(input: PickleInput) {
  const rank = input.int32();
  input.int32(); // the upper half of a rank that is read as 4 bytes
  if (rank < 0 || rank > MAX_RANK) throw input.fail(`a tensor has ${rank} axes, and ${MAX_RANK} are the most`);
  const [shape, strides] = [rank, rank].map((n) => Array.from({ length: n }, input.uint64));
  const offset = input.uint64();
  if (!isLengths(shape) || !isLengths(strides) || !isLength(offset))
    throw input.fail("a tensor's shape, strides and offset are no lengths");
  return { shape, strides, offset };
}

/** A pickle at byte `at`, and what `then` reads behind it. */
const pickleAt = <T>(source: Ranged, name: string, at: number, then: (input: PickleInput) => T) =>
  readFront(source, name, at, PIECE, (input) => {
    const value = readPickle(input, RULES);
    const more = then(input);
    return { value, more, end: at + input.at };
  });
