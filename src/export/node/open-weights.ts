import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../graph/error.js";
import type { Checkpoint } from "../weights/checkpoint.js";
import { readWeights } from "../weights/read-weights.js";
import { windowed } from "../windowed.js";
import { openRanged, type RangedFile } from "./file.js";
import { locate } from "./locate.js";

/** A checkpoint whose files stay open, since its tensors are read from them on demand. */
export interface OpenWeights {
  readonly source: Checkpoint;
  /** The files that it is in. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens a checkpoint: a file of any format that `readWeights` knows, an index of several, or a folder that holds one. Throws a UserError that
 * names the file, and the byte, key or name at fault.
 */
export async function openWeights(path: string): Promise<OpenWeights> {
  const files = new Map<string, RangedFile>();
  const open = async (name: string): Promise<RangedFile> => {
    const file = files.get(name) ?? (await openRanged(name));
    files.set(name, file);
    return file;
  };
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(files.values(), (f) => f.close()));
  };
  try {
    const main = (await isFolder(path)) ? await weightsIn(path) : path;
    const sibling = async (name: string) => windowed(await open(await locate(main, name)));
    const source = await readWeights(windowed(await open(main)), main, sibling);
    return { source, paths: [...files.keys()], close };
  } catch (e) {
    await close();
    throw e;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (s) => s.isDirectory(),
    () => false, // opening it says what is wrong
  );

/** Names by which the Hugging Face hub keeps checkpoints, the one to take first in front. */
const USUAL = [
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
];
const EXTENSIONS = /\.(safetensors|pth|pt|bin|npz|onnx)$/;

async function weightsIn(folder: string): Promise<string> {
  const names = await readdir(folder);
  const usual = USUAL.find((name) => names.includes(name));
  if (usual) return join(folder, usual);
  const others = names.filter((name) => EXTENSIONS.test(name)).sort();
  const [only, second] = others;
  if (only && !second) return join(folder, only);
  throw new UserError(
    `the folder '${folder}' has ${second ? `several checkpoints: name one of ${others.slice(0, 5).join(", ")}` : `no checkpoint: no ${USUAL[0]}, and no file ending in .safetensors, .pth, .pt, .bin, .npz or .onnx`}`,
  );
}
