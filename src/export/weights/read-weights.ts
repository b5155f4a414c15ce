import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";
import { type Checkpoint, withoutPrefixes } from "./checkpoint.js";
import { readNpz } from "./npz.js";
import { readOnnxWeights } from "./onnx.js";
import { readSafetensors } from "./safetensors.js";
import { type OpenSibling, readSharded } from "./sharded.js";
import { isTar } from "./tar.js";
import { readTorch } from "./torch.js";
import { torchFolder } from "./torch-zip.js";
import { isZip, readZip } from "./zip.js";

/**
 * The tensors of a checkpoint, whose format is told by its bytes and not by its name: safetensors, PyTorch (all containers), .npz, .onnx, or an
 * index of several such files, which `openSibling` opens. Prefixes of all keys, such as "module.", are taken off; notes say what was done.
 * Tensors over 64 KiB stay in the file and are read by range, so `source` must stay open while they are used. Throws a UserError that names the
 * file, and the byte, key or name at fault.
 */
export const readWeights = async (source: Ranged, name: string, openSibling?: OpenSibling): Promise<Checkpoint> =>
  withoutPrefixes(await readFormat(source, name, openSibling));

async function readFormat(source: Ranged, name: string, openSibling?: OpenSibling): Promise<Checkpoint> {
  switch (await formatOf(source, name)) {
    case "safetensors":
      return { ...(await readSafetensors(source, name)), format: "safetensors", notes: [] };
    case "torch":
      return readTorch(source, name);
    case "npz":
      return readNpz(source, name);
    case "onnx":
      return readOnnxWeights(source, name, openSibling);
    case "index":
      if (!openSibling) throw new UserError(`${name} is an index of other files, which cannot be opened from here`);
      return readSharded(source, name, openSibling, readFormat); // without siblings of its own: no index leads to another
  }
}

type Format = "safetensors" | "torch" | "npz" | "onnx" | "index";

async function formatOf(source: Ranged, name: string): Promise<Format> {
  const front = await source.read(0, Math.min(source.byteLength, 16));
  const text = new TextDecoder("latin1").decode(front);
  if (/^\s*\{[\s -~]*$/.test(text)) return "index"; // all of it readable, which the length in front of a safetensors header is not
  if (text[8] === "{") return "safetensors";
  if (await isZip(source)) return torchFolder(await readZip(source, name)) === null ? "npz" : "torch";
  if (text[0] === "\x80" || (await isTar(source))) return "torch"; // the opcode of a pickle's protocol
  if (ONNX_TAGS.has(front[0] ?? 0)) return "onnx";
  throw new UserError(
    `${name} cannot be read as weights: it is none of safetensors, PyTorch's .pth, .npz, .onnx, or an index of such files`,
  );
}

/** Fields of a ModelProto that a file may start with, as their number * 8 + wire type: ir_version, producer_name, ..., graph, opset_import. */
const ONNX_TAGS: ReadonlySet<number> = /* @__PURE__ */ new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42]);
