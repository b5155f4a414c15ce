import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Graph } from "../../graph/graph.js";
import { simdMemory } from "../../graph/simd-scale.js";
import { CHUNK, encode, REUSED_BYTES } from "../encode.js";
import { type ExternalPlan, externalBytes, mustBeExternal, planExternal } from "../external.js";
import { followed, type PendingFile, type WriteOptions, type WrittenFile, writePending } from "./file.js";

export interface WriteModelOptions extends WriteOptions {
  /** Keep long tensors in a file of their own; always so over 2 GB, which protobuf cannot hold. */
  readonly externalData?: boolean;
}
export interface WrittenModel extends WrittenFile {
  /** Name of the file beside the .onnx that holds the long tensors, or null. */
  readonly dataFile: string | null;
}

/**
 * Writes `graph` to `file`, atomically: an interrupted or failed write leaves what was there. External data is named by its content and comes
 * first, so that at every moment the .onnx file and the data it names belong together.
 */
export async function writeModel(graph: Graph, file: string, options: WriteModelOptions = {}): Promise<WrittenModel> {
  const path = await followed(file); // beside which its data is looked for
  const plan = options.externalData || mustBeExternal(graph) ? planExternal(graph) : null;
  const written = plan?.byteLength ? await writeBoth(graph, plan, path, options) : await writeOne(graph, path, options);
  await removeOldData(path, written.dataFile).catch(() => {}); // the model is written; what is left over harms nobody
  return written;
}

async function writeOne(graph: Graph, path: string, options: WriteOptions): Promise<WrittenModel> {
  const { bytes, sha256, place } = await writePending(path, encode(graph, { memory: chunkMemory() }), options);
  await place(path);
  return { bytes, sha256, dataFile: null };
}

async function writeBoth(graph: Graph, plan: ExternalPlan, path: string, options: WriteOptions): Promise<WrittenModel> {
  const memory = chunkMemory();
  const data = await writePending(path, externalBytes(plan, CHUNK, memory), { ...options, hash: true });
  const location = `${stem(path)}-${data.sha256?.slice(0, 8)}.data`;
  const dataPath = join(dirname(path), location);
  const wasThere = await exists(dataPath);
  let model: PendingFile | null = null;
  try {
    const chunks = encode(graph, { external: { location, plan }, memory });
    model = await writePending(path, chunks, { ...options, onProgress: undefined });
    await data.place(dataPath);
    await model.place(path);
    return { bytes: model.bytes + data.bytes, sha256: model.sha256, dataFile: location };
  } catch (e) {
    await Promise.all([data.discard(), model?.discard(), wasThere ? null : rm(dataPath, { force: true })]);
    throw e;
  }
}

/** A file needs only a few chunks at a time. */
const chunkMemory = (): ArrayBuffer => simdMemory(REUSED_BYTES) ?? new ArrayBuffer(REUSED_BYTES);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const stem = (path: string): string => basename(path, ".onnx");

/** Data files of earlier versions of this model, known by their name. */
async function removeOldData(path: string, current: string | null): Promise<void> {
  const prefix = `${stem(path)}-`;
  for (const name of await readdir(dirname(path))) {
    const isData = name.startsWith(prefix) && /^[0-9a-f]{8}\.data$/.test(name.slice(prefix.length));
    if (isData && name !== current) await rm(join(dirname(path), name), { force: true });
  }
}
