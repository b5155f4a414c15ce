import type { GateStatistics } from "../src/infer/gates.js";
import { element, make } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
/** Of a chart's view box. */
const [WIDTH, HEIGHT] = [160, 48];

/** One small chart a block, as in the paper's figure 6: each channel's gate, by the channel's number, all on one scale. */
export function showGates(blocks: readonly GateStatistics[]): void {
  const low = Math.min(0, ...blocks.map((b) => b.min));
  const high = Math.max(1, ...blocks.map((b) => b.max));
  const note = element("gates-note", HTMLParagraphElement);
  note.className = blocks.length ? "hint" : "empty";
  note.textContent = blocks.length
    ? `Each channel's gate, by the channel's number, from ${low.toFixed(low % 1 ? 2 : 0)} to ${high.toFixed(high % 1 ? 2 : 0)}; drawn from their mean.`
    : "This network has no block with one gate for each channel.";
  element("gates", HTMLUListElement).replaceChildren(...blocks.map((block) => chart(block, low, high)));
}

function chart(block: GateStatistics, low: number, high: number): HTMLLIElement {
  const { name, channels, mean, min, max, gates } = block;
  const y = (gate: number): number => HEIGHT - ((gate - low) / (high - low)) * HEIGHT;
  const svg = document.createElementNS(SVG, "svg");
  const words = `${channels} channels, mean ${mean.toFixed(2)}, from ${min.toFixed(2)} to ${max.toFixed(2)}`;
  set(svg, {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${name}: ${words}`,
  });
  svg.append(
    path(
      "range",
      columns(gates).map(([least, most], x) => `M${x + 0.5} ${y(Math.min(least, mean))}V${y(Math.max(most, mean))}`),
    ),
    path("mean", [`M0 ${y(mean)}H${WIDTH}`]),
  );
  return make("li", {}, make("h3", { textContent: name }), svg, make("p", { textContent: words }));
}

/** The least and the largest gate of the channels that share a column. */
function columns(gates: readonly number[]): readonly (readonly [least: number, most: number])[] {
  return Array.from({ length: WIDTH }, (_, x) => {
    const from = Math.floor((x * gates.length) / WIDTH);
    const own = gates.slice(from, Math.max(from + 1, Math.floor(((x + 1) * gates.length) / WIDTH)));
    return [Math.min(...own), Math.max(...own)];
  });
}

function path(name: string, moves: readonly string[]): SVGPathElement {
  const made = document.createElementNS(SVG, "path");
  set(made, { class: name, d: moves.join("") });
  return made;
}
function set(on: SVGElement, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) on.setAttribute(name, value);
}
