import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openWeights } from "../../../src/export/node/open-weights.js";
import { npyHeader } from "../../../src/export/npy-header.js";
import { zipOf } from "./archive.js";
import { expected, plainTensors, refusal } from "./files.js";

const goldens = fileURLToPath(new URL("../goldens/weights/", import.meta.url));
const top = await mkdtemp(join(tmpdir(), "weights-"));
afterAll(() => rm(top, { recursive: true }));
const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
const INDEX = "model.safetensors.index.json";

/** A folder with copies of these fixtures. */
async function folderOf(name: string, ...fixtures: string[]): Promise<string> {
  const folder = join(top, name);
  await mkdir(folder);
  for (const f of fixtures) await copyFile(join(goldens, f), join(folder, f));
  return folder;
}
async function contents(path: string): Promise<[name: string, tensors: object]> {
  const { source, close } = await openWeights(path);
  try {
    return [source.name, await plainTensors(source)];
  } finally {
    await close();
  }
}

test("a file, an index and the folder of one", async () => {
  const folder = await folderOf("shards", INDEX, ...SHARDS);
  const index = join(folder, INDEX);
  expect(await contents(join(goldens, "zip.pth"))).toEqual([join(goldens, "zip.pth"), await expected("zip.pth")]);
  expect(await contents(index)).toEqual([index, await expected(INDEX)]);
  expect(await contents(folder)).toEqual([index, await expected(INDEX)]);
});

test("a folder with one checkpoint among other files, with several, with none", async () => {
  const one = await folderOf("one", "tar.pth", "values.json");
  expect(await contents(one)).toEqual([join(one, "tar.pth"), await expected("tar.pth")]);
  const two = await folderOf("two", "tar.pth", "zip.pth");
  expect(await refusal(() => openWeights(two))).toBe(
    `the folder '${two}' has several checkpoints: name one of tar.pth, zip.pth`,
  );
  const none = await folderOf("none", "values.json");
  expect(await refusal(() => openWeights(none))).toContain(
    `the folder '${none}' has no checkpoint: no model.safetensors`,
  );
  expect(await refusal(() => openWeights(join(top, "lost")))).toBe(`there is no file '${join(top, "lost")}'`);
});

test("a shard that is missing is named; one that a link leads away is refused", async () => {
  const [first = "", second = ""] = SHARDS;
  const folder = await folderOf("missing", INDEX, first);
  expect(await refusal(() => openWeights(folder))).toBe(`there is no file '${join(folder, second)}'`);
  await symlink(join(goldens, second), join(folder, second));
  expect(await refusal(() => openWeights(folder))).toContain(`'${second}' are refused, since that is outside`);
});

test("a download cache keeps index and shards as links into one folder", async () => {
  const blobs = await folderOf("blobs", INDEX, ...SHARDS);
  const snapshot = await folderOf("snapshot");
  for (const name of [INDEX, ...SHARDS]) await symlink(join(blobs, name), join(snapshot, name));
  expect(await contents(snapshot)).toEqual([join(snapshot, INDEX), await expected(INDEX)]);
});

test("files are closed when the checkpoint is", async () => {
  const path = join(top, "long.npz");
  const data = Buffer.concat([npyHeader("float32", [50_000]), new Uint8Array(200_000)]);
  await writeFile(path, zipOf([{ name: "long.npy", data }]));
  const { source, close } = await openWeights(path);
  const long = source.tensors.get("long");
  expect(await long?.read(100_000, 100_004)).toEqual(new Uint8Array(4));
  await close();
  await expect(long?.read(0, 100_000)).rejects.toThrow();
});
