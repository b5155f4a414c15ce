import { constantBytes } from "./export/external.js";
import { check } from "./graph/check.js";
import { countOps } from "./graph/count.js";
import { choose, UserError } from "./graph/error.js";
import { type FixedLengths, fixInputs } from "./graph/fix-inputs.js";
import { type Graph, GraphError } from "./graph/graph.js";
import { inferShapes } from "./graph/infer-shapes.js";
import { type Pass, type PassReport, runPass, type Skip } from "./graph/pass.js";
import { findSqueezeExcite } from "./graph/squeeze-excite.js";
import { allPasses, targets } from "./graph/targets.js";

/** The newest opset whose operators the passes know. */
export const NEWEST_OPSET = 26;

export interface PassPlan {
  /** Name of a target; "portable" unless given. */
  readonly target?: string | undefined;
  /** Names of passes to run in place of the target's, in this order. */
  readonly passes?: readonly string[] | undefined;
  /** Names of passes to leave out. */
  readonly skip?: readonly string[] | undefined;
}
/** What one pass did. */
export interface PassRun {
  readonly name: string;
  readonly applied: number;
  readonly skipped: readonly Skip[];
}
/** What is in a graph and in the bodies of its nodes. */
export interface Census {
  readonly nodes: number;
  readonly operators: Readonly<Record<string, number>>;
  readonly squeezeExcites: number;
  readonly constantBytes: number;
}
export interface Optimization {
  readonly passes: readonly PassRun[];
  readonly before: Census;
  readonly after: Census;
}

/** The passes of a plan; throws a UserError with the names there are where one is not known. */
export function planPasses({ target = "portable", passes, skip = [] }: PassPlan): readonly Pass[] {
  const planned = passes
    ? passes.map((name) => choose("pass", name, allPasses))
    : choose("target", target, targets).passes;
  const left = new Set(skip.map((name) => choose("pass", name, allPasses)));
  return planned.filter((p) => !left.has(p));
}

/**
 * Rewrites `graph` in place and says what was done. Its outputs keep names, types and, but for the last digits, numbers. Throws a UserError where the
 * model is not valid, or of an opset that is not known here.
 */
export function optimize(graph: Graph, passes: readonly Pass[]): Optimization {
  requireKnown(graph);
  inferShapes(graph);
  const [fault] = check(graph);
  if (fault) throw new UserError(`the model is not valid, so that it cannot be rewritten: ${fault}`);
  const before = census(graph);
  const runs = passes.map((pass): PassRun => ({ name: pass.name, ...tryPass(pass, graph) }));
  const [problem] = check(graph);
  if (problem)
    throw new UserError(
      `the rewritten graph is not valid, so that it is not written (please report it where the model runs as it is): ${problem}`,
    );
  return { passes: runs, before, after: census(graph) };
}

/** Makes lengths of inputs numbers, as fixInputs does, in a graph whose operators are known. */
export function specialise(graph: Graph, lengths: FixedLengths): boolean {
  requireKnown(graph);
  return fixInputs(graph, lengths);
}

function requireKnown(graph: Graph): void {
  const opset = graph.opsets.get("");
  if (opset !== undefined && opset > NEWEST_OPSET)
    throw new UserError(
      `the model has opset ${opset}, and what is known here ends at ${NEWEST_OPSET}: export it with an older one`,
    );
}

/** Edits are refused one by one, each before it is made: a pass that meets a refusal leaves a sound graph. */
function tryPass(pass: Pass, graph: Graph): PassReport {
  try {
    return runPass(pass, graph);
  } catch (e) {
    if (!(e instanceof GraphError)) throw e;
    return { applied: 0, skipped: [{ node: "", reason: `the pass stopped: ${e.message}` }] };
  }
}

function census(graph: Graph): Census {
  const operators = countOps(graph);
  return {
    nodes: [...operators.values()].reduce((sum, n) => sum + n, 0),
    operators: Object.fromEntries(operators),
    squeezeExcites: findSqueezeExcite(graph).length,
    constantBytes: constantBytes(graph),
  };
}
