import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writePending } from "../../export/node/file.js";

/** Milliseconds in which a file system may give two states of a file one time. */
const GRAIN = 2000;
const CHUNK = 2 ** 20;

/** What this process found, by the file that keeps it: where nothing can be kept, a model is read once all the same. */
const hashes = new Map<string, string>();

/**
 * SHA-256 of the files of a model, one after the other. What it was is kept in `folder`, so that files are read again only when they have been touched:
 * the time of a file's last change is the system's own, whatever a program makes of its other times.
 */
export async function modelHash(files: readonly string[], folder: string): Promise<string> {
  const paths = files.map((file) => resolve(file));
  const stamps = await Promise.all(paths.map(stamp));
  const memo = join(folder, `${digest(JSON.stringify(paths))}.hash`);
  const known = (hashes.get(memo) ?? (await readFile(memo, "utf8").catch(() => ""))).split("\n");
  if (known[0] === stamps.join()) return known[1] ?? "";
  const hash = createHash("sha256");
  for (const path of paths) for await (const chunk of chunks(path)) hash.update(chunk);
  const found = hash.digest("hex");
  if (await settled(paths)) {
    hashes.set(memo, `${stamps.join()}\n${found}`);
    await keep(memo, `${stamps.join()}\n${found}`);
  }
  return found;
}

/** SHA-256 of one file, hexadecimal. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** The start of a text's SHA-256, for the name of a file. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 24);

const chunks = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: CHUNK });

async function stamp(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino, dev } = await stat(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino, dev].join(":");
}

/** Whether a change from now on would be seen in the files' times. */
async function settled(paths: readonly string[]): Promise<boolean> {
  const infos = await Promise.all(paths.map((path) => stat(path)));
  return infos.every(({ ctimeMs }) => Date.now() - ctimeMs > GRAIN);
}

async function keep(file: string, text: string): Promise<void> {
  try {
    await (await writePending(file, once(text), { hash: false })).place(file);
  } catch {} // it is made again
}
async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
