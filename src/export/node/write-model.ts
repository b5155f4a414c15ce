import { readdir, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Graph } from "../../graph/graph.js";
import { CHUNK, encode } from "../encode.js";
import { constantBytes, externalBytes, planExternal } from "../external.js";
import { type WriteOptions, type WrittenFile, writePending } from "./file.js";

export interface WriteModelOptions extends WriteOptions {
  /** Keep long tensors in a file of their own; always so over 2 GB, which protobuf cannot hold. */
  readonly externalData?: boolean;
}
export interface WrittenModel extends WrittenFile {
  /** Name of the file beside the .onnx that holds the long tensors, or null. */
  readonly dataFile: string | null;
}

/** protobuf's limit for one message is 2 GiB; the rest is room for the graph itself. */
const MAX_INLINE_BYTES = 2 ** 31 - 2 ** 26;

/**
 * Writes `graph` to `path`, atomically: an interrupted or failed write leaves what was there. External data is named by its content and comes
 * first, so that at every moment the .onnx file and the data it names belong together.
 */
export async function writeModel(graph: Graph, path: string, options: WriteModelOptions = {}): Promise<WrittenModel> {
  const external = options.externalData || constantBytes(graph) > MAX_INLINE_BYTES;
  if (!external) {
    const model = await writePending(path, encode(graph, { reuseChunks: true }), options);
    await model.place(path);
    await removeOldData(path, null);
    return { bytes: model.bytes, sha256: model.sha256, dataFile: null };
  }
  const plan = planExternal(graph);
  const data = await writePending(path, externalBytes(plan, CHUNK), options);
  const dataFile = `${stem(path)}-${data.sha256.slice(0, 8)}.data`;
  const model = await writePending(path, encode(graph, { external: { location: dataFile, plan }, reuseChunks: true }), { signal: options.signal }).catch(async (e) => {
    await data.discard();
    throw e;
  });
  await data.place(join(dirname(path), dataFile)).catch(async (e) => {
    await model.discard();
    throw e;
  });
  await model.place(path);
  await removeOldData(path, dataFile);
  return { bytes: model.bytes + data.bytes, sha256: model.sha256, dataFile };
}

const stem = (path: string): string => basename(path, extname(path));

/** Data files of earlier versions of this model, known by their name. */
async function removeOldData(path: string, current: string | null): Promise<void> {
  const prefix = `${stem(path)}-`;
  for (const name of await readdir(dirname(path))) {
    const isData = name.startsWith(prefix) && /^[0-9a-f]{8}\.data$/.test(name.slice(prefix.length));
    if (isData && name !== current) await rm(join(dirname(path), name), { force: true });
  }
}
