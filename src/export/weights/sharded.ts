import { UserError } from "../../graph/error.js";
import type { Ranged, Tensor } from "../../graph/tensor.js";
import type { Checkpoint } from "./checkpoint.js";
import { brief, isRecord, parseJson } from "./json.js";
import { MOST } from "./limits.js";
import { quoted } from "./names.js";

/** Opens a file beside the one that refers to it, by the name given there, which is not to be trusted: it may lead elsewhere. */
export type OpenSibling = (name: string) => Promise<Ranged>;

/** An index is a list of keys: no model's is longer, or nested deeper. */
const LONGEST_INDEX = 16 * 1024 * 1024;
const LIMITS = { depth: 8, items: MOST };

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
    if (!t) throw new UserError(`${name} says that ${quoted(key)} is in ${quoted(file)}, but it is not`);
    tensors.set(key, t);
  }
  const [{ format } = { format: "no" }] = files.values();
  return { name, tensors, format: `${format}, ${files.size} files`, notes: [] };
}

async function weightMap(source: Ranged, name: string): Promise<readonly (readonly [key: string, file: string])[]> {
  const refuse = (problem: string): UserError => new UserError(`${name} is no index of a checkpoint: ${problem}`);
  if (source.byteLength > LONGEST_INDEX) throw refuse(`it has ${source.byteLength} bytes`);
  const index = parseJson(await source.read(0, source.byteLength), LIMITS, name);
  if (!isRecord(index) || !isRecord(index.weight_map)) throw refuse("it is no JSON object with a weight_map");
  return Object.entries(index.weight_map).map(([key, file]) => {
    if (typeof file !== "string" || !/^[^/\\:\p{Cc}\p{Cf}]+$/u.test(file) || file === "..")
      throw refuse(`${quoted(key)} is in ${brief(file)}, which is no name of a file beside it`);
    return [key, file] as const;
  });
}
