// Tables of the pages in docs/, which are written from the figures in docs/data.

import { readFile, writeFile } from "node:fs/promises";

const docs = new URL("../docs/", import.meta.url);

/** The JSON of docs/data/NAME.json. @param {string} name @returns {Promise<any>} */
export const data = async (name) => JSON.parse(await readFile(new URL(`data/${name}.json`, docs), "utf8"));

/** @param {readonly (readonly (string | number)[])[]} rows  the head first */
export const table = ([head = [], ...rows]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** @param {string} file  @param {readonly string[]} tables  in place of what follows each "<!-- table -->" up to the next empty line */
export async function fill(file, tables) {
  const text = await readFile(new URL(file, docs), "utf8");
  let next = 0;
  const filled = text.replace(/(<!-- table -->\n)(?:\|[^\n]*\n)*/g, (_, mark) => `${mark}${tables[next++]}\n`);
  if (next !== tables.length) throw new Error(`${file} has ${next} places for ${tables.length} tables`);
  await writeFile(new URL(file, docs), filled);
}
