import { UserError } from "../graph/error.js";
import type { HostTensor } from "./session.js";

export interface Prediction {
  /** The class, counted from 0. */
  readonly index: number;
  /** Its name, or null where the model has none. */
  readonly label: string | null;
  /** Probability, 0 to 1. */
  readonly score: number;
}

/** The numbers of each image: the rows of a classifier's output [N,classes]. */
export function classRows({ dtype, shape, data }: HostTensor): readonly Float32Array[] {
  const [rows = 0, classes = 0] = shape;
  if (!(data instanceof Float32Array) || shape.length !== 2)
    throw new UserError(
      `the model's output is ${dtype}[${shape.join(",")}], but a classifier's is float32[N,classes]: use run for raw tensors (--input on the command line)`,
    );
  return Array.from({ length: rows }, (_, row) => data.subarray(row * classes, (row + 1) * classes));
}

/** The `topK` best classes of one image, best first, the first of equals. `probabilities`: the model ends in a softmax itself. */
export function predictions(
  row: Float32Array,
  {
    topK,
    labels,
    probabilities,
  }: { readonly topK: number; readonly labels: readonly string[] | null; readonly probabilities: boolean },
): readonly Prediction[] {
  const scores = probabilities ? Float64Array.from(row) : softmax(row);
  return largest(scores, topK).map((index) => ({ index, label: labels?.[index] ?? null, score: scores[index] ?? 0 }));
}

/** Where the `count` largest values are, the largest first. */
function largest(values: Float64Array, count: number): readonly number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let at = best.length;
    while (at > 0 && values[i]! > values[best[at - 1]!]!) at--;
    if (at >= count) continue;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}

/** exp(x - max) / sum, in double precision. */
export function softmax(logits: Float32Array): Float64Array {
  const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const out = Float64Array.from(logits, (x) => Math.exp(x - max));
  const sum = out.reduce((a, b) => a + b, 0);
  return out.map((x) => x / sum);
}
