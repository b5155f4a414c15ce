import { castable, toFloat32 } from "./cast.js";
import { asFloat32, type Tensor } from "./tensor.js";

/** Of the numbers of a tensor that are finite; NaN where there are none. */
export interface Statistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the whole tensor: the root of the mean square distance from the mean. */
  readonly std: number;
  /** How many numbers are infinite or none. */
  readonly nonFinite: number;
}

const CHUNK = 1 << 20;

/** Reads a floating point tensor once, a chunk at a time; null for one of another type. */
export async function statistics(t: Tensor): Promise<Statistics | null> {
  if (!castable(t.dtype)) return null;
  const values = toFloat32(t);
  let [n, min, max, mean, squares, nonFinite] = [0, Infinity, -Infinity, 0, 0, 0];
  for (let at = 0; at < values.byteLength; at += CHUNK) {
    for (const x of asFloat32(await values.read(at, Math.min(values.byteLength, at + CHUNK)))) {
      if (!Number.isFinite(x)) {
        nonFinite++;
        continue;
      }
      if (x < min) min = x;
      if (x > max) max = x;
      const step = x - mean; // Welford 1962
      mean += step / ++n;
      squares += step * (x - mean);
    }
  }
  return n
    ? { min, max, mean, std: Math.sqrt(squares / n), nonFinite }
    : { min: NaN, max: NaN, mean: NaN, std: NaN, nonFinite };
}
