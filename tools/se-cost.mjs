// node tools/se-cost.mjs: writes the tables of docs/se-cost.md and docs/se-cost.svg from docs/data/se-cost.json, which `npm run bench:se` writes.

import { writeFile } from "node:fs/promises";
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { data, fill, table } from "./markdown.mjs";

const docs = new URL("../docs/", import.meta.url);
/** @typedef {{network: string, series: number, batch: number, threads: number, form: string, ratio: number, low: number, high: number, rounds: {plain: number[], se: number[]}}} Row */
/** @type {{results: Row[]}} */
const { results } = await data("se-cost");
const PAPER = 1.018;

/** @template T @param {(row: Row) => T} of */
const distinct = (of) => [...new Set(results.map(of))];
const cells = distinct(({ batch, threads }) => `${batch}x${threads}`);
const networks = distinct(({ network }) => network);
const forms = distinct(({ form }) => form);
/** One row for each series. @param {string} cell @param {string} network @param {string} form */
const find = (cell, network, form) =>
  results.filter((r) => `${r.batch}x${r.threads}` === cell && r.network === network && r.form === form);
/** @param {readonly Row[]} rows */
const middle = (rows) => rows.map((row) => row.ratio).sort((a, b) => a - b)[Math.floor((rows.length - 1) / 2)] ?? null;
/** @param {string} cell */
const title = (cell) => {
  const [batch, threads] = cell.split("x").map(Number);
  return `batch ${batch}, ${threads} thread${threads === 1 ? "" : "s"}`;
};

const head = ["network", "form", ...cells.map(title)];
const rows = networks.flatMap((network) =>
  forms.map((form) => [
    network,
    form,
    ...cells.map((cell) => {
      const found = find(cell, network, form);
      const [row, another] = found;
      if (!row) return "-";
      const ratios = found.map(({ ratio }) => ratio.toFixed(3)).join(", ");
      return another ? ratios : `${ratios} (${row.low.toFixed(2)}-${row.high.toFixed(2)})`;
    }),
  ]),
);
await fill("se-cost.md", [table([head, ...rows])]);

use([BarChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);
const [width, height, legend] = [960, 260, 30];
const chart = init(null, null, { renderer: "svg", ssr: true, width, height: legend + height * cells.length });
const top = (/** @type {number} */ i) => legend + i * height;
chart.setOption({
  animation: false,
  backgroundColor: "#fff",
  legend: { top: 4, data: forms },
  title: cells.map((cell, i) => ({
    text: `${title(cell)}: with SE / without`,
    top: top(i),
    left: 8,
    textStyle: { fontSize: 13 },
  })),
  grid: cells.map((_, i) => ({ top: top(i) + 28, height: height - 70, left: 56, right: 90 })),
  xAxis: cells.map((_, i) => ({ gridIndex: i, type: "category", data: networks })),
  yAxis: cells.map((_, i) => ({ gridIndex: i, type: "value", min: 0.95 })),
  series: cells.flatMap((cell, i) =>
    forms.map((form, k) => ({
      name: form,
      type: "bar",
      xAxisIndex: i,
      yAxisIndex: i,
      data: networks.map((network) => middle(find(cell, network, form))),
      ...(k === 0 && {
        markLine: {
          symbol: "none",
          precision: 3,
          data: [{ yAxis: PAPER }],
          label: { formatter: `paper ${PAPER}` },
          lineStyle: { color: "#333" },
        },
      }),
    })),
  ),
});
const svg = chart.renderToSVGString().replace(/<style\b.*?<\/style>\n?/s, ""); // what changes under a pointer
const label = "What SE costs: the time of each network with SE over that without, by form";
await writeFile(new URL("se-cost.svg", docs), `${svg.replace("<svg ", `<svg role="img" aria-label="${label}" `)}\n`);
chart.dispose();
