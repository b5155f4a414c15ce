import { UserError } from "../../graph/error.js";
import type { Graph } from "../../graph/graph.js";
import { decode } from "../decode.js";
import { windowed } from "../windowed.js";
import { openRanged, type RangedFile } from "./file.js";
import { locate } from "./locate.js";

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
