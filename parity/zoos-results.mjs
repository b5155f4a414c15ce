// docs/data/zoos.json: the last result of every case, in the order of zoos-cases.mjs.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { FAULT, LIMIT } from "./compare.mjs";
import { cases } from "./zoos-cases.mjs";

const file = fileURLToPath(new URL("../docs/data/zoos.json", import.meta.url));

/** @returns {Promise<{compared?: {name: string}[]}>} */
const recorded = () =>
  readFile(file, "utf8").then(JSON.parse, (/** @type {any} */ error) => {
    if (error?.code === "ENOENT") return {};
    throw error;
  });

/**
 * Puts the result of one case in the place of its last; those of cases that are no more go.
 * @param {{name: string}} result
 */
export async function record(result) {
  const { compared = [] } = await recorded();
  const results = new Map([...compared, result].map((r) => [r.name, r]));
  const lines = cases.flatMap(({ name }) => results.get(name) ?? []).map((r) => JSON.stringify(r));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `{ "limit": ${LIMIT}, "fault": ${FAULT}, "compared": [\n${lines.join(",\n")}\n] }\n`);
  await rename(`${file}.new`, file);
}
