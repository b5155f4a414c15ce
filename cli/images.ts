import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { UserError } from "../src/graph/error.js";

const EXTENSIONS = new Set([".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"]);

/**
 * The files among `paths`, and the pictures in the folders among them and below, by name, a folder being read when its turn comes. A folder below
 * that cannot be read is given too, so that it is missed and not passed over.
 */
export async function* imageFiles(paths: readonly string[]): AsyncGenerator<string, void, undefined> {
  for (const path of paths)
    if (await isFolder(path)) yield* picturesIn(path, await readdir(path, { withFileTypes: true }));
    else yield path;
}

/** Throws a UserError unless every path is there and one of them is or holds a picture. */
export async function requireImages(paths: readonly string[]): Promise<void> {
  for (const path of paths) await isFolder(path);
  for await (const _ of imageFiles(paths)) return;
  throw new UserError(
    `there is no picture in ${paths.map((p) => `'${p}'`).join(", ")}: give ${[...EXTENSIONS].join(", ")} files`,
  );
}

/** How many pictures there are, up to `most`. */
export async function countImages(paths: readonly string[], most: number): Promise<number> {
  let found = 0;
  for await (const _ of imageFiles(paths)) if (++found >= most) break;
  return found;
}

async function isFolder(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => {
    throw new UserError(`there is no file or folder '${path}'`);
  });
  return info.isDirectory();
}

async function* picturesIn(folder: string, entries: readonly Dirent[]): AsyncGenerator<string, void, undefined> {
  const keyed = entries.map((entry) => ({ entry, key: entry.isDirectory() ? `${entry.name}/` : entry.name }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1)); // as the paths below the folder would be sorted all at once
  for (const { entry } of keyed) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      if (EXTENSIONS.has(extname(entry.name).toLowerCase())) yield path;
      continue;
    }
    const below = await readdir(path, { withFileTypes: true }).catch(() => null);
    if (below) yield* picturesIn(path, below);
    else yield path;
  }
}
