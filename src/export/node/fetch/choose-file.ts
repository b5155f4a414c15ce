import { posix } from "node:path";
import { UserError } from "../../../graph/error.js";
import { staysInside } from "./source.js";

/** Names by which the hub keeps checkpoints, the one to take first in front. */
const USUAL = [
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
];
const CHECKPOINT = /\.(safetensors|pth|pt|bin|npz|onnx)$/;

/** The checkpoint among the files of a repository. */
export function chooseFile(files: readonly string[], where: string): string {
  const usual = USUAL.find((name) => files.includes(name));
  if (usual !== undefined) return usual;
  const others = files.filter((name) => CHECKPOINT.test(name)).sort();
  const [only, second] = others;
  if (only !== undefined && second === undefined) return only;
  throw new UserError(
    second === undefined
      ? `${where} has no checkpoint: ${files.length ? `there is ${few(files)}` : "there is no file"}`
      : `${where} has several checkpoints: add one of them to the name, of ${few(others)}`,
  );
}

/** Some of the names, for a sentence. */
export const few = (names: readonly string[]): string =>
  names.slice(0, 8).join(", ") + (names.length > 8 ? ` and ${names.length - 8} more` : "");

/** The files that the text of an index names, as paths in the repository that the index `file` is in. */
export function shardsOf(text: string, file: string, where: string): string[] {
  const refuse = (why: string): never => {
    throw new UserError(`the index '${file}' of ${where} ${why}`);
  };
  const shards = new Set<string>();
  for (const name of Object.values(
    weightMap(text) ?? refuse("has no weight_map: it is damaged, or no index of shards"),
  )) {
    if (typeof name !== "string") refuse("names a shard by something other than a text");
    else if (name.includes("/") || !staysInside(name))
      refuse(`names the shard '${name}', which is no name of a file beside it: that is refused`);
    else shards.add(posix.join(posix.dirname(file), name));
  }
  return [...shards].sort();
}

function weightMap(text: string): object | null {
  try {
    const index: unknown = JSON.parse(text);
    const map = index instanceof Object && "weight_map" in index ? index.weight_map : null;
    return map instanceof Object && !Array.isArray(map) ? map : null;
  } catch {
    return null;
  }
}
