import { UserError } from "../graph/error.js";
import type { Feeds, HostTensor } from "./session.js";

export interface Comparison {
  /** Largest absolute difference over all outputs, and that over the larger of the two outputs' largest values. */
  readonly maxAbs: number;
  readonly maxRel: number;
  /** Share of the rows of the first output whose largest value is at the same place. */
  readonly top1Agreement: number;
}

/** Holds the outputs of two models side by side, in their order. */
export function compareOutputs(a: Feeds, b: Feeds): Comparison {
  const [left, right] = [Object.values(a), Object.values(b)];
  if (left.length !== right.length)
    throw new UserError(`one model has ${left.length} outputs, the other ${right.length}`);
  let [maxAbs, maxRel] = [0, 0];
  left.forEach((x, i) => {
    const y = right[i];
    if (!y || x.shape.join() !== y.shape.join())
      throw new UserError(
        `output ${i} is [${x.shape.join(",")}] in one model and [${y?.shape.join(",") ?? ""}] in the other`,
      );
    const difference = largest(x, (value, j) => value - Number(y.data[j]));
    const scale = Math.max(
      largest(x, (value) => value),
      largest(y, (value) => value),
    );
    maxAbs = Math.max(maxAbs, difference);
    maxRel = Math.max(maxRel, difference === 0 ? 0 : difference / scale);
  });
  const [first, second] = [left[0], right[0]];
  return { maxAbs, maxRel, top1Agreement: first && second ? agreement(first, second) : 1 };
}

/** Largest |f(element)|; NaN counts as infinite, so that it never passes. */
function largest(t: HostTensor, f: (value: number, index: number) => number): number {
  let max = 0;
  for (let i = 0; i < t.data.length; i++) {
    const v = Math.abs(f(Number(t.data[i]), i));
    max = Number.isNaN(v) ? Number.POSITIVE_INFINITY : Math.max(max, v);
  }
  return max;
}

function agreement(a: HostTensor, b: HostTensor): number {
  const rows = a.shape[0] ?? 1;
  const width = a.data.length / Math.max(1, rows);
  const best = (t: HostTensor, row: number): number => {
    let at = row * width;
    for (let i = at; i < (row + 1) * width; i++) if (Number(t.data[i]) > Number(t.data[at])) at = i;
    return at;
  };
  let same = 0;
  for (let row = 0; row < rows; row++) if (best(a, row) === best(b, row)) same++;
  return rows ? same / rows : 1;
}
