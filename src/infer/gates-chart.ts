import { LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { GateStatistics } from "./gates.js";

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** A panel with its title and the numbers of its axes, and what is around all of them; in pixels. */
const PANEL = { width: 250, height: 170, left: 34, right: 14, top: 26, bottom: 26 } as const;
const HEAD = 38;
const LEGEND = 24;
const FOOT = 26;
const MARGIN = 14;
/** More lines than this in a panel cannot be told apart. */
export const MOST_CLASSES = 10;
/** Okabe and Ito's colours, which people who are colour blind can tell apart too, and further ones after them. */
const COLOURS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#8c564b",
  "#7f7f7f",
  "#bcbd22",
  "#9467bd",
];
const ALL = { name: "all", colour: "#1a1a1a" } as const;
const FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif";

/**
 * The gates of each block as in the paper's figure 6 (Hu et al., https://arxiv.org/abs/1709.01507v4): one panel for a block, the channels' numbers
 * along it, the gates' means upwards, and a line for each class and one for all images. Equal gates give equal text.
 */
export function drawGates(blocks: readonly GateStatistics[], title: string): string {
  const columns = columnsFor(blocks.length);
  const width = Math.max(2 * PANEL.width, columns * PANEL.width) + 2 * MARGIN;
  const head = HEAD + (linesOf(blocks[0]).length > 1 ? LEGEND : 0);
  const height = head + Math.ceil(blocks.length / columns) * PANEL.height + FOOT;
  const places = blocks.map((_, i) => ({
    left: MARGIN + (i % columns) * PANEL.width,
    top: head + Math.floor(i / columns) * PANEL.height,
  }));
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(options(blocks, places, title));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return accessible(still(svg), title);
}

/** Without what answers to the mouse, and without the drawing's number in this process. */
const still = (svg: string): string =>
  svg
    .replace(/<style\b.*?<\/style>\n?/s, "")
    .replaceAll(/ (class="[^"]*"|pointer-events="visible")/g, "")
    .replaceAll(/\bzr\d+-/g, "se-");

/** About three panels to two across and down, as pages are. */
const columnsFor = (panels: number): number => Math.max(1, Math.round(Math.sqrt(panels)));

interface Place {
  readonly left: number;
  readonly top: number;
}
function options(blocks: readonly GateStatistics[], places: readonly Place[], title: string): Record<string, unknown> {
  const [low, high] = rangeOf(blocks);
  const text = { fontFamily: FONT, color: "#333333" };
  const axis = {
    nameLocation: "middle",
    axisLabel: { ...text, fontSize: 9, hideOverlap: true },
    axisTick: { length: 3 },
    axisLine: { show: true, lineStyle: { color: "#888888" } },
  };
  const drawn = linesOf(blocks[0]);
  const left = (blocks[0]?.classes.length ?? 0) - MOST_CLASSES;
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: text,
    title: [
      { text: title, left: MARGIN, top: 8, textStyle: { ...text, fontSize: 14, fontWeight: "bold" } },
      {
        text: `gate (mean over images), by channel${left > 0 ? `; ${left} more classes are not drawn` : ""}`,
        left: MARGIN,
        bottom: 6,
        textStyle: { ...text, fontSize: 11, fontWeight: "normal" },
      },
      ...blocks.map((block, i) => ({
        text: shortName(block.name),
        left: (places[i]?.left ?? 0) + PANEL.left - 4,
        top: (places[i]?.top ?? 0) + 2,
        textStyle: { ...text, fontSize: 11, fontWeight: "normal" },
      })),
    ],
    legend: {
      show: drawn.length > 1,
      left: MARGIN,
      top: 34,
      icon: "rect",
      itemWidth: 14,
      itemHeight: 3,
      textStyle: { ...text, fontSize: 11 },
      data: drawn.map(({ name }) => name),
    },
    grid: places.map(({ left, top }) => ({
      left: left + PANEL.left,
      top: top + PANEL.top,
      width: PANEL.width - PANEL.left - PANEL.right,
      height: PANEL.height - PANEL.top - PANEL.bottom,
    })),
    xAxis: blocks.map(({ channels }, i) => ({
      ...axis,
      gridIndex: i,
      type: "value",
      min: 0,
      max: Math.max(1, channels - 1),
      splitNumber: 3,
      splitLine: { show: false },
      axisLine: { ...axis.axisLine, onZero: false },
    })),
    yAxis: blocks.map((_, i) => ({
      ...axis,
      gridIndex: i,
      type: "value",
      min: low,
      max: high,
      splitNumber: 2,
      splitLine: { lineStyle: { color: "#e6e6e6" } },
    })),
    series: blocks.flatMap((block, i) =>
      linesOf(block).map(({ name, colour, gates }) => ({
        name,
        type: "line",
        xAxisIndex: i,
        yAxisIndex: i,
        data: gates.map((gate, channel) => [channel, Number(gate.toFixed(4))]),
        symbol: gates.length === 1 ? "circle" : "none",
        sampling: "minmax", // two points a pixel at most: no peak is lost, and many channels do not make a large file
        lineStyle: { width: 1, color: colour, join: "round", opacity: 0.75 },
        itemStyle: { color: colour },
      })),
    ),
  };
}

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly gates: readonly number[];
}
/** All images first, so that the classes are drawn over them. */
function linesOf(block: GateStatistics | undefined): readonly Line[] {
  if (!block) return [];
  const all = { ...ALL, gates: block.gates };
  const classes = block.classes.slice(0, MOST_CLASSES).map(({ name, gates }, i) => ({
    name: name === ALL.name ? `${name} (class)` : name,
    colour: COLOURS[i] ?? ALL.colour,
    gates,
  }));
  return classes.length ? [all, ...classes] : [{ ...all, colour: COLOURS[0] ?? ALL.colour }];
}

/** 0 to 1, or what more there is where gates are no sigmoids. */
function rangeOf(blocks: readonly GateStatistics[]): readonly [low: number, high: number] {
  const values = blocks.flatMap((block) =>
    linesOf(block).flatMap(({ gates }) => [Math.min(...gates), Math.max(...gates)]),
  );
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  return [Math.floor(low * 10) / 10, Math.ceil(high * 10) / 10];
}

const LONGEST = 36;
/** Exporters' names say most at their ends. */
const shortName = (name: string): string => (name.length > LONGEST ? `…${name.slice(-LONGEST + 1)}` : name);

const accessible = (svg: string, title: string): string =>
  svg.replace(
    "<svg ",
    `<svg role="img" aria-label="${title.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}" `,
  );
