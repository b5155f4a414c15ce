import { type Graph, type Node, subgraphs, type Value } from "./graph.js";
import { judge } from "./match.js";
import { nameAll } from "./names.js";
import type { AnyOp } from "./op.js";
import { ops } from "./ops/index.js";
import { compatible, show } from "./type.js";

const byType = new Map<string, AnyOp>(ops.map((o) => [o.def.type, o]));

/**
 * What is wrong with a main graph, a sentence each; an empty list where nothing is: order of nodes, values out of reach, inputs and outputs of
 * one name, missing opsets, and, for operators with a rule here, inputs that do not fit and types that contradict the rule. Bodies of If, Loop
 * and Scan are looked into; functions are not.
 */
export function check(graph: Graph): readonly string[] {
  const problems = new Set<string>();
  checkGraph(graph, new Set(), problems);
  if (!graph.outputs.length) problems.add(`the graph '${graph.name}' has no output`);
  const twice = graph.outputs.find((v, i, all) => all.indexOf(v) < i);
  if (twice) problems.add(`'${twice.name}' is an output of the graph twice`);
  const names = nameAll(graph);
  for (const v of [...graph.inputs, ...graph.outputs])
    if (names.of(v) !== v.name) problems.add(`the name '${v.name}' is used by two of the graph's inputs and outputs`);
  return [...problems];
}

function checkGraph(graph: Graph, outer: ReadonlySet<Value>, problems: Set<string>): void {
  const ready = new Set([...outer, ...graph.inputs, ...graph.constants, ...graph.sparseConstants.keys()]);
  for (const node of graph.nodes) {
    for (const v of node.inputs)
      if (v && !ready.has(v)) problems.add(`${title(node)} reads '${v.name}' before it is made`);
    if (!graph.opsets.has(node.domain))
      problems.add(
        `${title(node)} is of the domain '${node.domain || "ai.onnx"}', for which the model imports no opset`,
      );
    checkTypes(node, problems);
    for (const inner of subgraphs(node)) checkGraph(inner, ready, problems);
    for (const v of node.outputs) ready.add(v);
  }
  for (const v of graph.outputs) if (!ready.has(v)) problems.add(`the output '${v.name}' is made by no node`);
}

function checkTypes(node: Node, problems: Set<string>): void {
  const op = byType.get(node.op);
  const answer = op ? judge(op, node) : null;
  if (!answer) return;
  if ("problem" in answer) {
    problems.add(answer.problem);
    return;
  }
  const output = node.outputs[0];
  if (output && answer.type && !compatible(output.type, answer.type))
    problems.add(`${title(node)} makes ${show(answer.type)}, but '${output.name}' is declared as ${show(output.type)}`);
}
const title = (node: Node): string => `${node.op} '${node.name || node.outputs[0]?.name || "?"}'`;
