import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, relative } from "node:path";
import { UserError } from "../../graph/error.js";
import type { Graph } from "../../graph/graph.js";
import { decode } from "../decode.js";
import { openRanged, type RangedFile, windowed } from "./file.js";

/** A model file that stays open, since its long tensors are read from it on demand. */
export interface OpenModel {
  readonly graph: Graph;
  /** Names of the files beside it that hold tensors. */
  readonly dataFiles: readonly string[];
  close(): Promise<void>;
}

/** Reads an .onnx file, ours or not. Throws a UserError that names the file and the byte or tensor at fault. */
export async function readModel(path: string): Promise<OpenModel> {
  const model = await openRanged(path);
  const data = new Map<string, RangedFile>();
  const openExternal = async (location: string): Promise<RangedFile> => {
    const file = data.get(location) ?? (await openRanged(await locate(path, location)));
    data.set(location, file);
    return file;
  };
  const close = async (): Promise<void> => {
    await Promise.all([model, ...data.values()].map((f) => f.close()));
  };
  try {
    const graph = await decode(windowed(model), { openExternal });
    return { graph, dataFiles: [...data.keys()], close };
  } catch (e) {
    await close();
    if (e instanceof UserError)
      throw e.message.includes(path) ? e : new UserError(`'${path}' cannot be read as an ONNX model: ${e.message}`);
    throw e;
  }
}

/**
 * The path of external data, which lives in the model's folder or below: a name or a symbolic link that leads out of it is refused. Where the
 * model itself is a link, the folder it leads to counts as well, since download caches keep both as links into one folder.
 */
async function locate(model: string, location: string): Promise<string> {
  const path = join(dirname(model), location);
  const refusal = new UserError(`tensors in '${location}' are refused, since that is outside the model's folder`);
  if (isAbsolute(location) || leadsOut(normalize(location))) throw refusal;
  const real = await realpath(path).catch(() => null);
  if (!real) return path; // there is no such file: opening it says so
  const folders = [await realpath(dirname(model)), dirname(await realpath(model))];
  if (folders.every((folder) => leadsOut(relative(folder, real)))) throw refusal;
  return path;
}
const leadsOut = (path: string): boolean => isAbsolute(path) || path.split(/[\\/]/)[0] === "..";
