import { UserError } from "../graph/error.js";
import { checkPixels, checkSize, type Pixels } from "./pixels.js";
import { type Box, type Passes, PRECISION, scalarPasses, type Taps } from "./resample-passes.js";
import { simdPasses } from "./simd-passes.js";

export type { Box } from "./resample-passes.js";
export type Filter = "bilinear" | "bicubic";

let passes: Passes | null = null;
/** The fastest that there are here, made when they are first needed. */
function fastestPasses(): Passes {
  passes ??= simdPasses(scalarPasses) ?? scalarPasses;
  return passes;
}

const kernels: Readonly<Record<Filter, { readonly radius: number; at(x: number): number }>> = {
  bilinear: { radius: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, at: (x) => cubic(Math.abs(x)) },
};

/** Cubic convolution (Keys 1981) with a = -0.5, for x >= 0. The order of operations is Pillow's: it decides the last bit. */
function cubic(x: number): number {
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** Resizes to width x height, byte for byte as Pillow 9.4 to 12.3 does (`Image.resize`) with 8-bit images: the kernel is as
 *  wide as the scale when shrinking (antialiasing), weights are 22-bit fixed point, and the horizontal pass is rounded
 *  and clipped to 8 bits before the vertical one. (Pillow 13 turns the order round where the height shrinks by over twice
 *  as many pixels as the width, which moves some values by 1 or 2.)
 *  `window` returns only that part of the result, at the cost of that part.
 *  Throws a UserError when a size is not a positive integer or the window reaches outside. */
export function resample(
  pixels: Pixels,
  width: number,
  height: number,
  filter: Filter,
  window: Box = { left: 0, top: 0, width, height },
): Pixels {
  checkPixels(pixels);
  checkWindow(width, height, window);
  const rows = height === pixels.height ? null : tapsOf(height, pixels.height, filter, window.top, window.height);
  const top = rows ? rows.starts[0]! : window.top;
  const end = rows ? rows.starts.at(-1)! + rows.counts.at(-1)! : window.top + window.height;
  const band = { left: window.left, top, width: window.width, height: end - top };
  const { alongX, alongY } = fastestPasses();
  const wide =
    width === pixels.width
      ? crop(pixels, band)
      : alongX(pixels, band, tapsOf(width, pixels.width, filter, window.left, window.width));
  const data = rows ? alongY(wide, window.width * 3, top, rows) : wide;
  return { width: window.width, height: window.height, data };
}

function checkWindow(width: number, height: number, { left, top, width: w, height: h }: Box): void {
  checkSize("A resized image", w, h);
  const whole = [width, height, left, top].every(Number.isInteger);
  if (whole && left >= 0 && top >= 0 && left + w <= width && top + h <= height) return;
  throw new UserError(
    `A window of ${w}x${h} at (${left}, ${top}) is not inside an image of ${width}x${height}: give whole numbers and a place inside`,
  );
}

/** The taps of outputs `first` to `first + length` when an axis of `inSize` pixels becomes one of `outSize`. */
function tapsOf(outSize: number, inSize: number, filter: Filter, first: number, length: number): Taps {
  const scale = inSize / outSize;
  const stretch = Math.max(scale, 1);
  const radius = kernels[filter].radius * stretch;
  const stride = Math.ceil(radius) * 2 + 1;
  const starts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Int32Array(length * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - radius + 0.5));
    const count = Math.min(inSize, Math.trunc(center + radius + 0.5)) - start;
    let sum = 0;
    for (let t = 0; t < count; t++) {
      exact[t] = kernels[filter].at((start + t - center + 0.5) * (1 / stretch));
      sum += exact[t]!;
    }
    for (let t = 0; t < count; t++) weights[i * stride + t] = fixedPoint(exact[t]! / sum);
    starts[i] = start;
    counts[i] = count;
  }
  return { starts, counts, weights, stride };
}

/** The nearest fixed-point number, halves away from zero. */
function fixedPoint(weight: number): number {
  return Math.trunc(weight * (1 << PRECISION) + (weight < 0 ? -0.5 : 0.5));
}

function crop({ width, data }: Pixels, box: Box): Uint8Array {
  if (box.width === width) return data.slice(box.top * width * 3, (box.top + box.height) * width * 3);
  const out = new Uint8Array(box.height * box.width * 3);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * 3;
    out.set(data.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return out;
}
