import { UserError } from "../../graph/error.js";
import type { Ranged, Tensor } from "../../graph/tensor.js";
import type { Checkpoint } from "./checkpoint.js";

/** Opens a file beside the one that refers to it, by the name given there, which is not to be trusted: it may lead elsewhere. */
export type OpenSibling = (name: string) => Promise<Ranged>;

/** An index is a list of keys: no model's is longer. */
const LONGEST_INDEX = 32 * 1024 * 1024;

/**
 * A checkpoint in several files, by its index: model.safetensors.index.json, whose weight_map says which file has which key. `readShard` reads
 * one of them. Each file is opened once, and stays open while its tensors are read. Throws a UserError that names the file or the key.
 */
export async function readSharded(
  source: Ranged,
  name: string,
  openSibling: OpenSibling,
  readShard: (source: Ranged, name: string) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  const files = new Map<string, Checkpoint>();
  const tensors = new Map<string, Tensor>();
  for (const [key, file] of await weightMap(source, name)) {
    let shard = files.get(file);
    if (!shard) {
      shard = await readShard(await openSibling(file), file);
      files.set(file, shard);
    }
    const t = shard.tensors.get(key);
    if (!t) throw new UserError(`${name} says that '${key}' is in '${file}', but it is not`);
    tensors.set(key, t);
  }
  const [{ format } = { format: "no" }] = files.values();
  return { name, tensors, format: `${format}, ${files.size} files`, notes: [] };
}

async function weightMap(source: Ranged, name: string): Promise<readonly (readonly [key: string, file: string])[]> {
  const refuse = (problem: string): UserError => new UserError(`${name} is no index of a checkpoint: ${problem}`);
  if (source.byteLength > LONGEST_INDEX) throw refuse(`it has ${source.byteLength} bytes`);
  const index = parse(await source.read(0, source.byteLength));
  if (!isRecord(index) || !isRecord(index.weight_map)) throw refuse("it is no JSON object with a weight_map");
  return Object.entries(index.weight_map).map(([key, file]) => {
    if (typeof file !== "string" || !/^[^/\\:\0]+$/.test(file) || file === "..")
      throw refuse(`'${key}' is in ${JSON.stringify(file)?.slice(0, 80)}, which is no name of a file beside it`);
    return [key, file] as const;
  });
}
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> =>
  typeof v === "object" && v !== null && !Array.isArray(v);
