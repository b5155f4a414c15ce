import { type Graph, type Node, subgraphs, type Value, type ValueRecord } from "./graph.js";
import { judge } from "./match.js";
import type { AnyOp } from "./op.js";
import { ops } from "./ops/index.js";
import { knownOutput } from "./shapes/arithmetic.js";
import type { Call } from "./shapes/call.js";
import { either } from "./shapes/dims.js";
import { RULES } from "./shapes/index.js";
import { type Known, knownConstant } from "./shapes/known.js";
import { compatible, type Dim, isRanked, show, type Type, tensorType } from "./type.js";

/** What shape inference found. */
export interface InferReport {
  /** Nodes whose inputs do not fit, or whose outputs are declared as something else. A sentence each. */
  readonly contradictions: readonly string[];
  /** What follows from the graph's inputs and constants alone, whatever the file declares of the values between: what a rewrite may build on. */
  readonly types: Map<Value, Type | null>;
  /** What follows so of the numbers of small tensors: shapes as tensors, and what is computed from them. */
  readonly known: ReadonlyMap<Value, Known>;
}

const byType = /* @__PURE__ */ new Map<string, AnyOp>(/* @__PURE__ */ ops.map((o) => [o.def.type, o]));

/**
 * Gives every value of `graph` the type that its inputs' types and its constants say, as far as they say it (onnx.shape_inference's job, for the
 * operators of convolutional networks at every opset). Shapes that are computed in the graph (Shape, Gather, Concat, Reshape) are followed, with
 * the names of lengths that are known only at run time.
 *
 * Types that the file declares fill in what is not inferred, unless one of them contradicts: tools that open a network's batch leave them behind
 * with the old one. Outputs of the graph keep what is declared of them, such numbers aside, as do other operators' outputs and bodies of If, Loop
 * and Scan.
 */
export function inferShapes(graph: Graph): InferReport {
  const values = graph.nodes.flatMap((n) => n.outputs);
  const declared: Types = new Map(values.map((v) => [v, v.type]));
  for (const v of values) if (v.type?.kind === "tensor") setType(v, tensorType(v.type.dtype, null));
  const given = new Map(givenTo(graph).map((v) => [v, v.type]));
  for (const [v, type] of given) if (type?.kind === "tensor") setType(v, tensorType(type.dtype, null));
  const alone = walk(graph, declared, (_, type) => type);
  const types = new Map([...values, ...given.keys()].map((v) => [v, v.type]));
  for (const [v, type] of [...declared, ...given]) setType(v, type);
  const told = (output: Value, type: Type): Type | null => {
    const word = declared.get(output) ?? null;
    if (isOutput(output)) return compatible(word, type) ? fill(word, type) : word;
    return alone.contradicted ? (types.get(output) ?? null) : refine(type, word);
  };
  walk(graph, declared, told);
  return { contradictions: alone.contradictions, types, known: alone.known };
}

/** What is surely known of a value: inputs of the main graph and constants are what they are declared as. */
export const sureType = (types: InferReport["types"], v: Value): Type | null =>
  v.producer || types.has(v) ? (types.get(v) ?? null) : v.type;

/** What a body is given at run time, by its node or by the graph around it: a runtime holds no shape against what is declared of it. */
function givenTo(graph: Graph): readonly Value[] {
  if (!graph.parent) return [];
  const read = graph.nodes.flatMap((n) => n.inputs).filter((v): v is Value => Boolean(v) && v?.graph !== graph);
  const isSure = (v: Value): boolean => !v.producer && (v.constant !== null || !v.graph.parent);
  return [...new Set([...graph.inputs, ...read])].filter((v) => !isSure(v));
}

interface Walk extends Omit<InferReport, "types"> {
  /** Whether a declared type says what cannot be, or a number for what is open. */
  readonly contradicted: boolean;
}
type Types = ReadonlyMap<Value, Type | null>;

/** Infers node by node; `told` says what an output's type comes to be. */
function walk(graph: Graph, declared: Types, told: (output: Value, inferred: Type) => Type | null): Walk {
  const known = new Map<Value, Known>();
  const contradictions: string[] = [];
  let contradicted = false;
  const functions = new Set(graph.functions.map((f) => `${f.domain}.${f.name}`));
  for (const node of graph.nodes) {
    if (node.domain || functions.has(`.${node.op}`) || subgraphs(node).length) continue;
    const call = callOf(node, known);
    try {
      for (const [i, type] of typesOf(call).entries()) {
        const output = node.outputs[i];
        if (!output || !type) continue;
        const word = declared.get(output) ?? null;
        const fits = compatible(word, type);
        if (!fits)
          contradictions.push(`${title(node)} makes ${show(type)}, but '${output.name}' is declared as ${show(word)}`);
        contradicted ||= !fits || closes(word, type);
        setType(output, told(output, type));
      }
      const [output] = node.outputs;
      const numbers = output ? knownOutput(call) : null;
      if (output && numbers) known.set(output, numbers);
    } catch (e) {
      contradicted = true;
      contradictions.push(`${title(node)}: ${(e as Error).message}`);
    }
  }
  return { contradictions, known, contradicted };
}

const isOutput = (v: Value): boolean => v.uses.some((u) => !u.node);

/** Whether a number is declared where a name is inferred. */
function closes(declared: Type | null, inferred: Type): boolean {
  if (!isRanked(declared) || !isRanked(inferred)) return false;
  return inferred.shape.some((d, i) => typeof d === "string" && typeof declared.shape[i] === "number");
}

/** The questions that shape rules ask of a node; `found` is what inference knows beside constants. */
export function callOf(node: Node, found: ReadonlyMap<Value, Known> = new Map()): Call {
  return {
    node,
    opset: node.graph.opsets.get("") ?? 1,
    known(i) {
      const value = node.inputs[i];
      return value ? (found.get(value) ?? (value.constant && knownConstant(value.constant))) : null;
    },
  };
}

/** What the operator's definition says, and what its shape rule does: they complete each other. */
function typesOf(call: Call): readonly (Type | null)[] {
  const { node } = call;
  const op = byType.get(node.op);
  const answer = op ? judge(op, node) : null;
  if (answer && "problem" in answer) throw new Error(firstLine(answer.problem).replace(/^[^:]*: /, ""));
  const [first = null, ...others] = RULES.get(node.op)?.(call) ?? [];
  const defined = answer?.type ?? null;
  return [compatible(first, defined) ? refine(first, defined) : defined, ...others].map(possible);
}

/** Lengths that no tensor has are not known. */
function possible(type: Type | null): Type | null {
  if (!isRanked(type)) return type;
  const fits = (d: Dim): boolean => typeof d !== "number" || (Number.isSafeInteger(d) && d >= 0);
  return type.shape.every(fits)
    ? type
    : tensorType(
        type.dtype,
        type.shape.map((d) => (fits(d) ? d : null)),
      );
}

/** Both types' word on one value, the more precise one of each length. */
const refine = (a: Type | null, b: Type | null): Type | null => join(a, b, either);
/** What is declared, and of what is inferred what that leaves out, or has a number for where the run decides. */
const fill = (declared: Type | null, inferred: Type | null): Type | null =>
  join(declared, inferred, (d, other) => (typeof d === "number" && typeof other === "string" ? other : (d ?? other)));

function join(a: Type | null, b: Type | null, length: (d: Dim, other: Dim) => Dim): Type | null {
  if (a?.kind !== "tensor" || b?.kind !== "tensor") return a ?? b;
  const [p, q] = [a.shape, b.shape];
  return tensorType(a.dtype, p && q ? p.map((d, i) => length(d, q[i] ?? null)) : (p ?? q));
}

const setType = (value: Value, type: Type | null): void => {
  (value as ValueRecord).type = type; // every Value is made by its graph
};
const firstLine = (text: string): string => text.split("\n")[0] ?? text;
const title = (node: Node): string => `${node.op} '${node.name || node.outputs[0]?.name || "?"}'`;
