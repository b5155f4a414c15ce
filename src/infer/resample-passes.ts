import type { Pixels } from "./pixels.js";

/** A rectangle of whole pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How one axis is resampled: output i is the sum over t < counts[i] of
 *  weights[i * stride + t] * input[starts[i] + t], weights having PRECISION bits after the binary point. */
export interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

/** 32 bits less 8 for a pixel and 2 for the sign and the overshoot of the bicubic kernel. */
export const PRECISION = 32 - 8 - 2;
export const HALF = 1 << (PRECISION - 1);

/** The two passes of a resize. */
export interface Passes {
  /** The rows of the source that `band` names, each resampled to the columns of `taps`: [band.height, band.width, 3]. */
  alongX(pixels: Pixels, band: Box, taps: Taps): Uint8Array;
  /** Rows of `rowLength` bytes, the first being row `top` of the source, resampled to the rows of `taps`. */
  alongY(wide: Uint8Array, rowLength: number, top: number, taps: Taps): Uint8Array;
}

/** The passes in any JavaScript engine. */
export const scalarPasses: Passes = { alongX, alongY };

/** The integer nearest to a fixed-point sum that started at HALF, clipped to a byte. */
function clip8(sum: number): number {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function alongX({ width, data }: Pixels, band: Box, { starts, counts, weights, stride }: Taps): Uint8Array {
  const out = new Uint8Array(band.height * band.width * 3);
  let o = 0;
  for (let y = band.top; y < band.top + band.height; y++) {
    for (let x = 0; x < band.width; x++, o += 3) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let k = x * stride;
      let p = (y * width + starts[x]!) * 3;
      for (const end = k + counts[x]!; k < end; k++, p += 3) {
        const weight = weights[k]!;
        r = (r + Math.imul(data[p]!, weight)) | 0;
        g = (g + Math.imul(data[p + 1]!, weight)) | 0;
        b = (b + Math.imul(data[p + 2]!, weight)) | 0;
      }
      out[o] = clip8(r);
      out[o + 1] = clip8(g);
      out[o + 2] = clip8(b);
    }
  }
  return out;
}

function alongY(
  wide: Uint8Array,
  rowLength: number,
  top: number,
  { starts, counts, weights, stride }: Taps,
): Uint8Array {
  const out = new Uint8Array(starts.length * rowLength);
  let o = 0;
  for (let y = 0; y < starts.length; y++) {
    for (let x = 0; x < rowLength; x += 3, o += 3) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let k = y * stride;
      let p = (starts[y]! - top) * rowLength + x;
      for (const end = k + counts[y]!; k < end; k++, p += rowLength) {
        const weight = weights[k]!;
        r = (r + Math.imul(wide[p]!, weight)) | 0;
        g = (g + Math.imul(wide[p + 1]!, weight)) | 0;
        b = (b + Math.imul(wide[p + 2]!, weight)) | 0;
      }
      out[o] = clip8(r);
      out[o + 1] = clip8(g);
      out[o + 2] = clip8(b);
    }
  }
  return out;
}
