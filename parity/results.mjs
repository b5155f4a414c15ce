// Files of docs/data that hold the last result of every case, a line each: a run that was interrupted, or of some cases only, leaves the others as
// they were.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What keeps a result in docs/data/FILE, in the place of the case's last; those of cases that are no more go.
 * @param {string} name  of the file
 * @param {Record<string, unknown>} head  what the file says beside the results
 * @param {readonly {name: string}[]} cases  in their order
 * @returns {(result: {name: string}) => Promise<void>}
 */
export function recorder(name, head, cases) {
  const file = fileURLToPath(new URL(`../docs/data/${name}`, import.meta.url));
  /** @returns {Promise<{compared?: {name: string}[]}>} */
  const recorded = () =>
    readFile(file, "utf8").then(JSON.parse, (/** @type {any} */ error) => {
      if (error?.code === "ENOENT") return {};
      throw error;
    });
  const heading = Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}, `);
  return async (result) => {
    const { compared = [] } = await recorded();
    const results = new Map([...compared, result].map((r) => [r.name, r]));
    const lines = cases.flatMap((of) => results.get(of.name) ?? []).map((r) => JSON.stringify(r));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, `{ ${heading.join("")}"compared": [\n${lines.join(",\n")}\n] }\n`);
    await rename(`${file}.new`, file);
  };
}
