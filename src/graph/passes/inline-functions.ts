import { nodesWithin, rootOf } from "../bodies.js";
import { type Copies, copyInto } from "../clone.js";
import { insertBefore, remove, replace } from "../edit.js";
import { functionsOf, referencesOf, sizeOf } from "../functions.js";
import type { Graph, Node } from "../graph.js";
import type { GraphFunction } from "../model.js";
import { identity } from "../ops/identity.js";
import type { Pass, Skip } from "../pass.js";
import { cannotGiveWay } from "./give-way.js";

/** Nodes that a model may come to: functions that call each other twice over make any number of a small file. */
const MOST_NODES = 100_000;

/**
 * Puts a function's nodes in the place of each call, as runtimes do while they load a file: exporters that write a module as a function give its
 * weights to the call, so that only there is an SE block whole. remove-dead-code takes out the functions that nobody calls any more.
 */
export const inlineFunctions: Pass = {
  name: "inline-functions",
  run(graph) {
    const model = rootOf(graph);
    const skipped: Skip[] = [];
    if (!model.functions.length) return { applied: 0, skipped };
    const sizes = new Map<GraphFunction, number>();
    let room = MOST_NODES - nodesWithin(model).length;
    let applied = 0;
    const declined = new Set<Node>();
    for (let calls = callsIn(graph); calls.length; calls = callsIn(graph).filter((node) => !declined.has(node))) {
      for (const node of calls) {
        const [called, ...others] = functionsOf(node, model);
        if (!called) continue;
        const size = sizeOf(called, model, sizes);
        const reason = others.length ? "more than one function has its name" : whyNot(node, called, size, room);
        if (reason) {
          skipped.push({ node: node.name, reason });
          declined.add(node);
          continue;
        }
        room -= nodesWithin(called.body).length;
        insertBefore(node, () => inline(node, called));
        remove(node);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

const callsIn = (graph: Graph): readonly Node[] => graph.nodes.filter((node) => functionsOf(node).length);

function whyNot(node: Node, called: GraphFunction, size: number, room: number): string | null {
  if (size === Number.POSITIVE_INFINITY) return `the function '${called.name}' calls itself`;
  if (size > room) return `the model would come to more than ${MOST_NODES} nodes`;
  const missing = referencesOf(called).find((name) => !(name in node.attributes));
  if (missing) return `it leaves the attribute '${missing}' to the function '${called.name}'`;
  const { opsets } = node.graph;
  for (const { domain } of nodesWithin(called.body)) {
    const [own, theirs] = [opsets.get(domain), called.body.opsets.get(domain)];
    if (own !== undefined && theirs !== undefined && own !== theirs)
      return `the function '${called.name}' is of opset ${theirs} of '${domain || "ai.onnx"}', and the model of ${own}`;
  }
  const { inputs, outputs } = called.body;
  const unfed = outputs.find((v) => inputs.includes(v) && !node.inputs[inputs.indexOf(v)]);
  return unfed ? `it leaves out '${unfed.name}', which the function gives back` : null;
}

/** Adds what the function does, and has the call's readers read that. */
function inline(node: Node, { body }: GraphFunction): void {
  const { graph } = node;
  for (const { domain } of nodesWithin(body))
    if (!graph.opsets.has(domain)) graph.opsets.set(domain, body.opsets.get(domain) ?? 1);
  const copies: Copies = new Map(body.inputs.map((v, i) => [v, node.inputs[i] ?? null]));
  copyInto(graph, body, copies, { prefix: `${node.name || node.op}/`, attributes: node.attributes });
  for (const [i, output] of node.outputs.entries()) {
    const made = copies.get(body.outputs[i] ?? output);
    if (!made || !output.uses.length) continue;
    replace(output, cannotGiveWay(graph, output, made) ? identity(made, { name: output.name }) : made);
  }
}
