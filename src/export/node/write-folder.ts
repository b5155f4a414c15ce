import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../../graph/error.js";
import type { Graph } from "../../graph/graph.js";
import { mustBeExternal } from "../external.js";
import { transformersFolder } from "../transformers.js";
import { type WriteOptions, writePending } from "./file.js";
import { type WrittenModel, writeModel } from "./write-model.js";

export interface WrittenFolder extends WrittenModel {
  /** Path of the .onnx file. */
  readonly file: string;
}

/**
 * Writes `graph` and what transformers.js needs beside it into `folder`, which is made where it is missing; a float16 model goes beside a float32
 * one. Each file is whole or as it was before. Throws a UserError, and makes nothing, where transformers.js could not run the model.
 */
export async function writeTransformersFolder(
  graph: Graph,
  folder: string,
  options: WriteOptions = {},
): Promise<WrittenFolder> {
  const { model, files } = transformersFolder(graph);
  if (mustBeExternal(graph))
    throw new UserError("the model is over 2 GB, too much for the one file that transformers.js loads");
  await mkdir(join(folder, "onnx"), { recursive: true }).catch((e: NodeJS.ErrnoException) => {
    throw new UserError(
      `the folder '${folder}' cannot be made: ${e.code === "ENOTDIR" ? `'${dirname(folder)}' is no folder` : e.message}`,
    );
  });
  const file = join(folder, model);
  const written = await writeModel(graph, file, options);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await (await writePending(path, once(content), { signal: options.signal })).place(path);
  }
  return { ...written, file };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
