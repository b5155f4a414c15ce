import { readFile } from "node:fs/promises";
import { UserError } from "../src/graph/error.js";

/** Class names from a file: a JSON array of strings, or one name a line. "imagenet" stands for the 1,000 classes of ILSVRC 2012. */
export async function readLabels(name: string): Promise<readonly string[]> {
  if (name === "imagenet") return (await import("../src/infer/imagenet.js")).imagenetLabels;
  const text = await readFile(name, "utf8").catch((e: NodeJS.ErrnoException) => {
    throw new UserError(
      `the labels '${name}' cannot be read: ${e.code === "ENOENT" ? "there is no such file; give a file with one name a line, or the word imagenet" : e.message}`,
    );
  });
  if (!text.trimStart().startsWith("[")) return text.split(/\r?\n/).filter((line) => line.trim());
  const list: unknown = JSON.parse(text);
  if (Array.isArray(list) && list.every((l) => typeof l === "string")) return list;
  throw new UserError(`the labels '${name}' are no JSON array of strings`);
}
