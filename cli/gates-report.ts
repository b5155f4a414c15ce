import type { ClassGates, GateStatistics, Spread } from "../src/infer/gates.js";
import type { GateReport } from "../src/infer/image-gates.js";
import { table } from "./format.js";

/** What --json prints. */
export function gatesJson({ device, images, failed, failures, blocks }: GateReport, file: string | null): object {
  const classes = blocks[0]?.classes.map(({ name, images }) => ({ name, images })) ?? [];
  return { device, file, images, failed, failures, classes, blocks: blocks.map(blockJson) };
}

const blockJson = ({ name, channels, gates, classes, classStd, ...spread }: GateStatistics): object => ({
  name,
  channels,
  ...rounded(spread),
  classStd: classStd === null ? null : round(classStd),
  gates: gates.map(round),
  classes: classes.map(({ name, images, gates, ...spread }: ClassGates) => ({
    name,
    images,
    ...rounded(spread),
    gates: gates.map(round),
  })),
});

/** float32 tells no more digits of a number up to 1 apart. */
const round = (value: number): number => Number(value.toFixed(7));
const rounded = ({ mean, std, min, max }: Spread): Spread => ({
  mean: round(mean),
  std: round(std),
  min: round(min),
  max: round(max),
});

/** A line for each block: its numbers, and how its channels are spread. */
export function gatesTable(blocks: readonly GateStatistics[]): string {
  const classed = blocks.some(({ classStd }) => classStd !== null);
  const [low, high] = [Math.min(0, ...blocks.map((b) => b.min)), Math.max(1, ...blocks.map((b) => b.max))];
  const ends = [low, high].map((end) => `${Number(end.toFixed(2))}`);
  const head = ["block", "channels", "mean", "std", "min", "max", ...(classed ? ["classes"] : []), scale(ends)];
  const rows = blocks.map(({ name, channels, gates, classStd, ...spread }) => [
    name,
    `${channels}`,
    ...[spread.mean, spread.std, spread.min, spread.max].map((v) => v.toFixed(3)),
    ...(classed ? [classStd?.toFixed(3) ?? ""] : []),
    bars(gates, low, high),
  ]);
  const means = "classes: standard deviation over the classes, averaged over channels";
  return [table([head, ...rows]), ...(classed ? ["", means] : [])].join("\n");
}

const BINS = 20;
const BARS = " ▁▂▃▄▅▆▇█";

/** The two ends of the bars' axis. */
const scale = ([low = "", high = ""]: readonly string[]): string =>
  `${low}${"".padEnd(BINS - low.length - high.length)}${high}`;

/** How many gates lie in each part of the range, as the heights of bars; the smallest bar is at least one gate. */
function bars(gates: readonly number[], low: number, high: number): string {
  const counts = new Array<number>(BINS).fill(0);
  for (const gate of gates) {
    const bin = Math.min(BINS - 1, Math.floor(((gate - low) / (high - low)) * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  return counts.map((n) => BARS[Math.ceil((n / most) * (BARS.length - 1))]).join("");
}
