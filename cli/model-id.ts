import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { locate } from "../src/export/node/locate.js";
import { readModel } from "../src/export/node/read-model.js";

/** "seresnet50.onnx#3f2a9c1b7d44": a model's name, and the start of the SHA-256 of its bytes, those of tensors beside it included. */
export async function modelId(path: string): Promise<string> {
  const { dataFiles, close } = await readModel(path);
  await close();
  const hash = createHash("sha256");
  for (const file of [path, ...(await Promise.all(dataFiles.map((name) => locate(path, name))))])
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `${basename(path)}#${hash.digest("hex").slice(0, 12)}`;
}
