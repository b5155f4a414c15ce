import { hardsigmoid } from "../activations.js";
import { FLOATS } from "../dtype.js";
import { insertBefore, remove, replace } from "../edit.js";
import type { Graph, Node, Value } from "../graph.js";
import { inferShapes } from "../infer-shapes.js";
import { match } from "../match.js";
import { hardSigmoid } from "../ops/hard-sigmoid.js";
import { hardSwish } from "../ops/hard-swish.js";
import { mul } from "../ops/mul.js";
import type { Pass, Skip } from "../pass.js";
import { knownConstant } from "../shapes/known.js";
import { rank } from "../type.js";

/** Numbers that float32 cannot tell apart count as one: 1/6 is not exact. */
const NEAR = 1e-6;
const near = (a: number, b: number): boolean => Math.abs(a - b) <= NEAR * Math.max(1, Math.abs(b));

/**
 * Writes activations that exporters spell out with the operators that stand for them: Clip(x + 3, 0, 6) / 6 is HardSigmoid with slope 1/6, and x times
 * that is HardSwish (from opset 14 on). SiLU has no operator of its own and stays x * Sigmoid(x).
 */
export const recogniseActivations: Pass = {
  name: "recognise-activations",
  run(graph) {
    inferShapes(graph);
    let applied = 0;
    const skipped: Skip[] = [];
    for (const node of graph.nodes) {
      const answer = insertBefore(node, () => activation(graph, node));
      if (typeof answer === "string") skipped.push({ node: node.name, reason: answer });
      else if (answer) {
        replace(node.outputs[0] as Value, answer); // the patterns have one output
        remove(node);
        applied++;
      }
    }
    return { applied, skipped };
  },
};

function activation(graph: Graph, node: Node): Value | string | null {
  if (node.domain || node.outputs.length !== 1) return null;
  const swished = swish(node);
  if (swished) {
    if ((graph.opsets.get("") ?? 1) >= hardSwish.def.since) return hardSwish(swished, { name: node.name });
    if (isShortest(node)) return `HardSwish needs opset ${hardSwish.def.since}`;
    return mul(swished, hardsigmoid(swished), { name: node.name });
  }
  if (node.op === "HardSigmoid") return null;
  const found = ramp(node);
  if (!found) return null;
  const [alpha, beta] = found.line;
  return hardSigmoid(found.x, { alpha, beta, name: node.name });
}

/** Whether a HardSwish is written as x * HardSigmoid(x). */
const isShortest = (node: Node): boolean =>
  node.op === "Mul" && node.inputs.some((v) => v?.producer?.op === "HardSigmoid" && !v.producer.domain);

/** The x of x * min(max(x / 6 + 1/2, 0), 1), the division within or after. */
function swish(node: Node): Value | null {
  const product = node.op === "Mul" ? node : null;
  if (product) {
    const [a, b] = product.inputs;
    for (const [x, gate] of [
      [a, b],
      [b, a],
    ]) {
      const found = gate?.producer && ramp(gate.producer);
      if (x && found && found.x === x && near(found.line[0], 1 / 6) && near(found.line[1], 0.5)) return x;
    }
  }
  const scaled = scaling(node);
  if (!scaled || !near(scaled.factor, 1 / 6) || scaled.x.producer?.op !== "Mul" || scaled.x.producer.domain)
    return null;
  const [a, b] = scaled.x.producer.inputs;
  for (const [x, gate] of [
    [a, b],
    [b, a],
  ]) {
    const found = gate?.producer && clipped(gate.producer);
    const line = found && linear(found.x);
    if (
      x &&
      line &&
      line.x === x &&
      near(line.factor, 1) &&
      near(line.shift, 3) &&
      near(found.min, 0) &&
      near(found.max, 6)
    )
      return x;
  }
  return null;
}

interface Ramp {
  readonly x: Value;
  /** min(max(alpha x + beta, 0), 1) */
  readonly line: readonly [alpha: number, beta: number];
}
/** A ramp from 0 to 1 that `node` ends, however its factors are spread over it. */
function ramp(node: Node): Ramp | null {
  const own = match(hardSigmoid, node);
  if (own) return { x: own.x, line: [own.attrs.alpha, own.attrs.beta] };
  const after = scaling(node);
  const clip = after ? after.x.producer && clipped(after.x.producer) : clipped(node);
  const factor = after?.factor ?? 1;
  if (!clip || !near(clip.min * factor, 0) || !near(clip.max * factor, 1)) return null;
  const { x, factor: slope, shift } = linear(clip.x);
  return slope * factor > 0 ? { x, line: [slope * factor, shift * factor] } : null;
}

/** x of min(max(x, min), max). */
function clipped(node: Node): { readonly x: Value; readonly min: number; readonly max: number } | null {
  const [x, low, high] = node.inputs;
  if (node.op !== "Clip" || node.domain || !x) return null;
  const limit = (name: string, v: Value | null | undefined): number | null => {
    const a = node.attributes[name];
    return a?.kind === "float" ? a.value : scalarOf(v);
  };
  const [min, max] = [limit("min", low), limit("max", high)];
  return min === null || max === null ? null : { x, min, max };
}

/** factor x + shift, as far as `value` is one. */
function linear(value: Value): { readonly x: Value; readonly factor: number; readonly shift: number } {
  const node = value.producer;
  const shifted = node?.op === "Add" && !node.domain ? withConstant(node) : null;
  const inner = shifted?.x ?? value;
  const scaled = inner.producer && scaling(inner.producer);
  return { x: scaled?.x ?? inner, factor: scaled?.factor ?? 1, shift: shifted?.c ?? 0 };
}

/** x of x * factor or x / (1 / factor). */
function scaling(node: Node): { readonly x: Value; readonly factor: number } | null {
  if (node.domain) return null;
  if (node.op === "Mul") {
    const found = withConstant(node);
    return found && { x: found.x, factor: found.c };
  }
  const [x, by] = node.inputs;
  const divisor = node.op === "Div" ? scalarBeside(x, by) : null;
  return x && divisor ? { x, factor: 1 / divisor } : null;
}

/** The two inputs of a node of which one is a single number. */
function withConstant({ inputs: [a, b] }: Node): { readonly x: Value; readonly c: number } | null {
  const [p, q] = [scalarBeside(b, a), scalarBeside(a, b)];
  if (a && q !== null) return { x: a, c: q };
  return b && p !== null ? { x: b, c: p } : null;
}

/** The number `c`, where it leaves the shape of `x` alone. */
function scalarBeside(x: Value | null | undefined, c: Value | null | undefined): number | null {
  const axes = c?.constant?.shape.length ?? 0;
  return axes === 0 || (rank(x?.type) ?? 0) >= axes ? scalarOf(c) : null;
}

/** The one floating point number of a constant. */
function scalarOf(v: Value | null | undefined): number | null {
  const known = v?.constant && FLOATS.includes(v.constant.dtype) ? knownConstant(v.constant) : null;
  const [n] = known?.elements ?? [];
  return known?.elements.length === 1 && typeof n === "number" ? n : null;
}
