import { type Dim, type RankedType, tensorType } from "../type.js";

/** A window sliding along one axis. */
export interface Window {
  readonly stride: number | undefined;
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly dilation?: number | undefined;
  /** Round up, so that the last window may hang over the end; one that would start in the end padding is dropped. */
  readonly ceil?: boolean;
}
/**
 * Number of places of a window of length `kernel` along `size`: floor((size + pads - dilation (kernel - 1) - 1) / stride) + 1.
 * Null where the size is not a known number.
 */
export function slide(
  size: Dim,
  kernel: Dim,
  { stride = 1, before = 0, after = 0, dilation = 1, ceil = false }: Window,
): Dim {
  if (typeof size !== "number" || typeof kernel !== "number") return null;
  const room = size + before + after - dilation * (kernel - 1) - 1;
  if (room < 0)
    throw new Error(
      `a window of ${dilation * (kernel - 1) + 1} does not fit into ${size} with padding ${before} and ${after}`,
    );
  const places = (ceil ? Math.ceil : Math.floor)(room / stride) + 1;
  return ceil && (places - 1) * stride >= size + before ? places - 1 : places;
}

export interface PoolAttributes {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly ceil_mode: number;
}
/** The type of a 2-D pooling of x [N,C,H,W]. */
export function pooled(
  x: RankedType,
  { kernel_shape: k, strides, pads, dilations, ceil_mode }: PoolAttributes,
): RankedType {
  if (x.shape.length !== 4) throw new Error(`x must be [N,C,H,W], but has rank ${x.shape.length}`);
  const [n = null, c = null, h = null, w = null] = x.shape;
  const axis = (size: Dim, i: 0 | 1): Dim =>
    slide(size, k[i] ?? null, {
      stride: strides[i],
      before: pads[i],
      after: pads[i + 2],
      dilation: dilations[i],
      ceil: ceil_mode === 1,
    });
  return tensorType(x.dtype, [n, c, axis(h, 0), axis(w, 1)]);
}
