import { bytesPerElement } from "../../graph/dtype.js";
import type { Ranged, Tensor } from "../../graph/tensor.js";
import type { Checkpoint } from "./checkpoint.js";
import { quoted } from "./names.js";
import { findStateDict } from "./state-dict.js";
import type { Storage, TorchTensor } from "./storage.js";
import { type StorageBytes, storageBytes, stridedTensor } from "./strided.js";
import { isTar } from "./tar.js";
import type { TorchFile } from "./torch-file.js";
import { readTorchLegacy } from "./torch-legacy.js";
import { readTorchTar } from "./torch-tar.js";
import { readTorchZip } from "./torch-zip.js";
import { isZip } from "./zip.js";

/**
 * The tensors of a file by torch.save (.pth, .pt, .bin), in any of its containers: zip (1.6 and later), pickles in a row, tar (before 0.1.10).
 * The pickle is read by a list of names that make tensors and plain containers, and nothing is called. A wrapper such as "state_dict" is
 * opened, and a note says so. Tensors stay in the file and are read by range, whatever their strides. Throws a
 * UserError that names the byte, the key or the name at fault.
 */
export async function readTorch(source: Ranged, name: string): Promise<Checkpoint> {
  const file = await readContainer(source, name);
  const { tensors: found, notes } = findStateDict(file.root, name);
  const storages = new Storages(file, source.byteLength);
  const tensors = new Map<string, Tensor>();
  for (const [key, t] of found)
    tensors.set(key, stridedTensor(layout(t), await storages.open(t.storage), `${name}: ${quoted(key)}`));
  return { name, tensors, format: "PyTorch", notes };
}

async function readContainer(source: Ranged, name: string): Promise<TorchFile> {
  if (await isZip(source)) return readTorchZip(source, name);
  return (await isTar(source)) ? readTorchTar(source, name) : readTorchLegacy(source, name);
}

/** Its storage may be a part of another, and of another element type. */
const layout = ({ storage, dtype, offset, shape, strides }: TorchTensor) => ({
  dtype,
  shape,
  strides,
  start: storage.offset * bytesPerElement(storage.dtype) + offset * bytesPerElement(dtype),
});

/** Each storage opened once. Short ones are held, of all together no more than the file has: packed or overlapping ones may claim more. */
class Storages {
  private readonly opened = new Map<string, StorageBytes>();

  constructor(
    private readonly file: TorchFile,
    private room: number,
  ) {}

  async open({ key, dtype }: Storage): Promise<StorageBytes> {
    const known = this.opened.get(key);
    if (known) return known;
    const source = await this.file.open(key, dtype);
    const bytes = await storageBytes(source, this.room);
    this.room -= bytes.data?.length ?? 0;
    this.opened.set(key, bytes);
    return bytes;
  }
}
