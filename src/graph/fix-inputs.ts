import { nodesWithin } from "./bodies.js";
import { UserError } from "./error.js";
import type { Graph, Value, ValueRecord } from "./graph.js";
import { inferShapes } from "./infer-shapes.js";
import { type Dim, isRanked, type Shape, show, tensorType } from "./type.js";

export interface FixedLengths {
  /** N of every image [N,C,H,W], and of other inputs whose first length is open. */
  readonly batch?: number | undefined;
  /** H and W of every image. */
  readonly inputSize?: readonly [height: number, width: number] | undefined;
}

/**
 * Makes lengths of the graph's inputs numbers, and infers all shapes anew. A name that gives way to a number does so in every input and output.
 * Throws a UserError where the graph holds to other lengths. True where a length changed that was a number before.
 */
export function fixInputs(graph: Graph, { batch, inputSize }: FixedLengths): boolean {
  const before = new Set(inferShapes(graph).contradictions);
  const names = new Map<string, number>();
  let changed = false;
  const fix = (d: Dim, to: number | undefined): Dim => {
    if (to === undefined || d === to) return d;
    if (typeof d === "string") names.set(d, to);
    changed ||= typeof d === "number";
    return to;
  };
  for (const input of graph.inputs) {
    if (!isRanked(input.type)) continue;
    const [n, c, h, w, ...more] = input.type.shape;
    const image = w !== undefined && !more.length;
    if (n === undefined || !(image || typeof n !== "number")) continue;
    const size = image
      ? [c ?? null, fix(h ?? null, inputSize?.[0]), fix(w, inputSize?.[1])]
      : input.type.shape.slice(1);
    reshape(input, [fix(n, batch), ...size]);
  }
  const named = (d: Dim): Dim => (typeof d === "string" ? (names.get(d) ?? d) : d);
  for (const v of [...graph.inputs, ...graph.outputs]) if (isRanked(v.type)) reshape(v, v.type.shape.map(named));
  const declared = forget(graph, changed);
  const wrong = inferShapes(graph).contradictions.find((c) => !before.has(c));
  if (wrong)
    throw new UserError(`the network does not take ${graph.inputs.map((v) => show(v.type)).join(", ")}: ${wrong}`);
  for (const [v, type] of declared) if (!isRanked(v.type)) (v as ValueRecord).type = type; // every Value is made by its graph
  return changed;
}

/** Lets shapes go that the old lengths gave: those between, and where a number changed those of outputs, which are given back. */
function forget(graph: Graph, outputs: boolean): ReadonlyMap<Value, Value["type"]> {
  const declared = new Map<Value, Value["type"]>();
  for (const v of nodesWithin(graph).flatMap((n) => n.outputs)) {
    if (!isRanked(v.type)) continue;
    const isOutput = v.uses.some((u) => !u.node);
    if (isOutput && !outputs) continue;
    if (isOutput)
      declared.set(
        v,
        tensorType(
          v.type.dtype,
          v.type.shape.map(() => null),
        ),
      );
    reshape(v, null);
  }
  return declared;
}

function reshape(value: Value, shape: Shape | null): void {
  if (value.type?.kind === "tensor") (value as ValueRecord).type = tensorType(value.type.dtype, shape); // as above
}
