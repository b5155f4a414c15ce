import type { Node, Value } from "../graph.js";
import { match } from "../match.js";
import { averagePool } from "../ops/average-pool.js";
import { concat } from "../ops/concat.js";
import { globalAveragePool } from "../ops/global-average-pool.js";
import { globalMaxPool } from "../ops/global-max-pool.js";
import { maxPool } from "../ops/max-pool.js";
import { blockedType, call, int, shapeOf, whole } from "./call.js";
import type { Rule } from "./layout.js";

/** Pools have blocked operators of their own. */
export const pool: Rule = (node, output, { maps, late }) => {
  const found = windowed(node) ?? match(globalAveragePool, node) ?? match(globalMaxPool, node);
  const gate = found && late.get(found.x);
  if (gate) late.set(output, gate);
  const x = found && maps.get(found.x);
  if (!x) return false;
  maps.set(output, call(output.graph, node.op, node.name, [x], blockedType(output), node.attributes));
  return true;
};

/** A pool that slides a window; it commutes with the product of each channel and a number that is not negative. */
export const windowed = (node: Node): { readonly x: Value; readonly output: Value } | null =>
  match(maxPool, node) ?? match(averagePool, node);

/** Blocks of whole maps lie one behind the other, as their channels do; maps with a block that is not full would leave gaps. */
export const join: Rule = (node, output, { maps }) => {
  const found = match(concat, node);
  const inputs = node.inputs.map((v) => (v && isWhole(v) ? maps.get(v) : null));
  if (found?.attrs.axis !== 1 || !inputs.every((v) => v !== null && v !== undefined)) return false;
  maps.set(output, call(output.graph, "Concat", node.name, inputs, blockedType(output), { axis: int(1) }, ""));
  return true;
};

function isWhole(v: Value): boolean {
  const channels = shapeOf(v)?.[1];
  return channels !== undefined && channels === whole(channels);
}

/** Hands its map on; not as an output of the graph, whose name it would take. */
export const pass: Rule = (node, output, { maps, open }) => {
  const [x] = node.inputs;
  const map = x && maps.get(x);
  if (!x || !map || output.uses.some((u) => !u.node)) return false;
  maps.set(output, map);
  const convolution = open.get(x);
  if (convolution && output.uses.length === 1) open.set(output, convolution);
  return true;
};
