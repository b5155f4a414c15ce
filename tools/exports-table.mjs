// node tools/exports-table.mjs: writes the table of docs/anyones-files.md from docs/data/exports.json, which `npm run bench:exports` writes.

import { readFile, writeFile } from "node:fs/promises";

const docs = new URL("../docs/", import.meta.url);
/** @typedef {{network: string, batch: number, threads: number, form: string, ms: number, ratio: number, rounds: number[]}} Row */
/** @type {{results: Row[]}} */
const { results } = JSON.parse(await readFile(new URL("data/exports.json", docs), "utf8"));

const forms = [...new Set(results.map(({ form }) => form))];
/** @param {Row} row */
const cell = ({ network, batch, threads }) => `${network}, ${batch}, ${threads}`;
const lines = [...new Set(results.map(cell))].map((name) => {
  const row = results.filter((r) => cell(r) === name);
  const ratios = forms.map((form) => row.find((r) => r.form === form));
  return [
    name,
    `${row[0]?.rounds.length}`,
    ...ratios.map((r, i) => (i ? r?.ratio.toFixed(3) : `${r?.ms.toFixed(1)} ms`)),
  ];
});
const head = ["network, batch, threads", "rounds", ...forms];
const table = [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
const page = new URL("anyones-files.md", docs);
const text = await readFile(page, "utf8");
await writeFile(
  page,
  text.replace(/(<!-- table -->\n)(?:\|[^\n]*\n)*/, (_, mark) => `${mark}${table}\n`),
);
