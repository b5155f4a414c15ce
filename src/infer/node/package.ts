import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Installed {
  readonly folder: string;
  readonly version: string;
}

/** Where a package is that se-onnx runs with if it is installed; null where it is not. */
export function installed(name: string): Installed | null {
  try {
    let folder = dirname(createRequire(import.meta.url).resolve(name));
    while (!existsSync(join(folder, "package.json")) || nameIn(folder) !== name) {
      if (dirname(folder) === folder) return null;
      folder = dirname(folder);
    }
    return { folder, version: String(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version) };
  } catch {
    return null; // require found nothing
  }
}
const nameIn = (folder: string): unknown => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name;
