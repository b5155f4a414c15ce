// node tools/exports-table.mjs: writes the table of docs/anyones-files.md from docs/data/exports.json, which `npm run bench:exports` writes.

import { data, fill, table } from "./markdown.mjs";

/** @typedef {{network: string, batch: number, threads: number, form: string, ms: number, ratio: number, rounds: number[]}} Row */
/** @type {{results: Row[]}} */
const { results } = await data("exports");

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
await fill("anyones-files.md", [table([head, ...lines])]);
