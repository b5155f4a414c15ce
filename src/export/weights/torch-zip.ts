import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";
import { littleEndian } from "./byte-order.js";
import { inAnyOrder } from "./inflate.js";
import { quoted } from "./names.js";
import { readPickle } from "./pickle.js";
import { PickleInput } from "./pickle-input.js";
import { type Mentioned, mentionedBytes, storageOf } from "./storage.js";
import type { TorchFile } from "./torch-file.js";
import { TORCH_GLOBALS } from "./torch-globals.js";
import { readZip, type Zip } from "./zip.js";

/** That of a checkpoint with 1,000 tensors has 150,000 bytes. */
const LONGEST_PICKLE = 16 * 1024 * 1024;

/**
 * The container of PyTorch 1.6 and later (torch/serialization.py, _save): a zip archive of one folder, in which data.pkl is the pickle and
 * data/KEY are the storages. Their CRC-32 is not checked, as PyTorch does not: it may be told to write none.
 */
export async function readTorchZip(source: Ranged, name: string): Promise<TorchFile> {
  const zip = await readZip(source, name);
  const folder = torchFolder(zip);
  if (folder === null) throw new UserError(`${name} is no PyTorch file: it has no data.pkl`);
  if (zip.entries.has(`${folder}constants.pkl`))
    throw new UserError(`${name} is a TorchScript program: in PyTorch, save model.state_dict() with torch.save`);
  const pickle = await record(zip, `${folder}data.pkl`, name);
  if (pickle.byteLength > LONGEST_PICKLE)
    throw new UserError(`${name} has a pickle of ${pickle.byteLength} bytes, and ${LONGEST_PICKLE} are the most`);
  const mentioned: Mentioned = new Map();
  const root = readPickle(
    new PickleInput(await pickle.read(0, pickle.byteLength), `${quoted(`${folder}data.pkl`)} in ${name}`),
    {
      globals: TORCH_GLOBALS,
      persistent: (id, call) => storageOf(id, call, mentioned),
    },
  );
  const bigEndian = await isBigEndian(zip, `${folder}byteorder`, name);
  return {
    root,
    async open(key, dtype) {
      const bytes = await record(zip, `${folder}data/${key}`, name);
      const wanted = mentionedBytes(mentioned, key);
      if (bytes.byteLength !== wanted)
        throw new UserError(
          `${name}: ${quoted(`data/${key}`)} has ${bytes.byteLength} bytes, and the pickle says ${wanted}`,
        );
      return bigEndian ? littleEndian(bytes, dtype) : bytes;
    },
  };
}

/** The folder that the pickle is in, with its slash; null where there is none. */
export function torchFolder({ entries }: Zip): string | null {
  for (const name of entries.keys()) if (/^([^/]+\/)?data\.pkl$/.test(name)) return name.slice(0, -"data.pkl".length);
  return null;
}

async function record(zip: Zip, path: string, name: string): Promise<Ranged> {
  const entry = zip.entries.get(path);
  if (!entry) throw new UserError(`${name} has no ${quoted(path)}`);
  const content = await zip.open(entry);
  return entry.packed === entry.byteLength ? content : inAnyOrder(content); // many tensors may be views of one storage
}

/** Files before PyTorch 2.1 do not say so, and are little-endian. */
async function isBigEndian(zip: Zip, path: string, name: string): Promise<boolean> {
  if (!zip.entries.has(path)) return false;
  const bytes = await record(zip, path, name);
  const order = new TextDecoder().decode(await bytes.read(0, Math.min(16, bytes.byteLength)));
  if (order !== "little" && order !== "big")
    throw new UserError(`${name} has the byte order ${quoted(order)}, which is neither 'little' nor 'big'`);
  return order === "big";
}
