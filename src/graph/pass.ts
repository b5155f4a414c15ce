import { insertBefore, remove, replace } from "./edit.js";
import { type Graph, subgraphs, type Value } from "./graph.js";
import { match } from "./match.js";
import type { Match, Op, Specs } from "./op.js";

export interface Skip {
  /** Name of the node that was left as it was. */
  readonly node: string;
  readonly reason: string;
}
export interface PassReport {
  /** How many places were rewritten. */
  readonly applied: number;
  /** Places that the pass is about, but could not prove safe. */
  readonly skipped: readonly Skip[];
}
/** A rewrite of a graph that keeps its outputs' values, names and types. */
export interface Pass {
  readonly name: string;
  /** Edits the graph in place, bodies in it left alone, and says what it did. */
  run(graph: Graph): PassReport;
}

/** Runs a pass on `graph` and on the bodies of If, Loop and Scan in it. What is left in a body is named after it: "body/node". */
export function runPass(pass: Pass, graph: Graph): PassReport {
  const reports = [pass.run(graph)];
  for (const body of graph.nodes.flatMap(subgraphs)) {
    const { applied, skipped } = runPass(pass, body);
    reports.push({ applied, skipped: skipped.map((s) => ({ ...s, node: `${body.name}/${s.node}` })) });
  }
  return { applied: reports.reduce((sum, r) => sum + r.applied, 0), skipped: reports.flatMap((r) => r.skipped) };
}

/** A value to stand in for the match's output; a reason why not; or null where this is not the pattern at all. */
export type Answer = Value | string | null;

/** A pass that offers every node of one operator to `rule`. The rule only builds; here its answer is put in place and the match taken out. */
/* @__NO_SIDE_EFFECTS__ */
export function rewrite<const I extends readonly string[], const S extends Specs>(
  name: string,
  op: Op<I, S>,
  rule: (found: Match<I, S>) => Answer,
): Pass {
  return {
    name,
    run(graph) {
      let applied = 0;
      const skipped: Skip[] = [];
      for (const node of graph.nodes) {
        const found = match(op, node);
        if (!found) continue;
        const answer = insertBefore(node, () => rule(found));
        if (typeof answer === "string") skipped.push({ node: node.name, reason: answer });
        else if (answer) {
          replace(found.output, answer);
          remove(node);
          applied++;
        }
      }
      return { applied, skipped };
    },
  };
}
