import { dirname, isAbsolute, join, normalize } from "node:path";
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
  const files = new Map<string, RangedFile>();
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(files.values(), (f) => f.close()));
  };
  const openOnce = async (location: string): Promise<RangedFile> => {
    const file = files.get(location) ?? (await openRanged(location === "" ? path : join(dirname(path), inside(location))));
    files.set(location, file);
    return file;
  };
  try {
    const graph = await decode(windowed(await openOnce("")), { openExternal: openOnce });
    return { graph, dataFiles: [...files.keys()].filter(Boolean), close };
  } catch (e) {
    await close();
    if (e instanceof UserError) throw e.message.includes(path) ? e : new UserError(`'${path}' cannot be read as an ONNX model: ${e.message}`);
    throw e;
  }
}

/** External data lives in the model's folder or below: a name that leads out of it is refused. */
function inside(location: string): string {
  const path = normalize(location);
  if (!location || isAbsolute(path) || path.split(/[\\/]/)[0] === "..") throw new UserError(`tensors in '${location}' are refused, since that is outside the model's folder`);
  return path;
}
