import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { UserError } from "../src/graph/error.js";

const EXTENSIONS = new Set([".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"]);

/** The files among `paths`, and the pictures in the folders among them and below, by name. */
export async function imageFiles(paths: readonly string[]): Promise<readonly string[]> {
  const out: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch(() => {
      throw new UserError(`there is no file or folder '${path}'`);
    });
    if (info.isDirectory()) {
      const names = await readdir(path, { recursive: true });
      out.push(
        ...names
          .filter((n) => EXTENSIONS.has(extname(n).toLowerCase()))
          .sort()
          .map((n) => join(path, n)),
      );
    } else out.push(path);
  }
  if (!out.length)
    throw new UserError(
      `there is no picture in ${paths.map((p) => `'${p}'`).join(", ")}: give ${[...EXTENSIONS].join(", ")} files`,
    );
  return out;
}
