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

/** The `topK` best classes of each row of `output` [N,classes], best first. `probabilities`: the model ends in a softmax itself. */
export function predictions(
  output: HostTensor,
  {
    topK,
    labels,
    probabilities,
  }: { readonly topK: number; readonly labels: readonly string[] | null; readonly probabilities: boolean },
): readonly (readonly Prediction[])[] {
  const [rows = 0, classes = 0] = output.shape;
  if (!(output.data instanceof Float32Array) || output.shape.length !== 2)
    throw new UserError(
      `the model's output is ${output.dtype}[${output.shape.join(",")}], but a classifier's is float32[N,classes]: use run with --input for raw tensors`,
    );
  const { data } = output;
  return Array.from({ length: rows }, (_, row) => {
    const values = data.subarray(row * classes, (row + 1) * classes);
    const scores = probabilities ? Float64Array.from(values) : softmax(values);
    const order = Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    return order.slice(0, topK).map((index) => ({ index, label: labels?.[index] ?? null, score: scores[index] ?? 0 }));
  });
}

/** exp(x - max) / sum, in double precision. */
export function softmax(logits: Float32Array): Float64Array {
  const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const out = Float64Array.from(logits, (x) => Math.exp(x - max));
  const sum = out.reduce((a, b) => a + b, 0);
  return out.map((x) => x / sum);
}
