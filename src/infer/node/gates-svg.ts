import type { GateStatistics } from "../gates.js";

/** The gates drawn as in the paper's figure 6, one panel for a block, as the text of an SVG file. Code for charts is loaded when it is first called. */
export async function gatesSvg(blocks: readonly GateStatistics[], title = "Gates"): Promise<string> {
  return (await import("../gates-chart.js")).drawGates(blocks, title);
}
