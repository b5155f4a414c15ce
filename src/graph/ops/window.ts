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
  if (stride < 1 || dilation < 1) throw new Error(`stride ${stride} and dilation ${dilation} must be 1 or more`);
  if (typeof size !== "number" || typeof kernel !== "number") return null;
  const room = size + before + after - dilation * (kernel - 1) - 1;
  if (room < 0)
    throw new Error(
      `a window of ${dilation * (kernel - 1) + 1} does not fit into ${size} with padding ${before} and ${after}`,
    );
  const places = (ceil ? Math.ceil : Math.floor)(room / stride) + 1;
  return ceil && (places - 1) * stride >= size + before ? places - 1 : places;
}

/** What Conv and the poolings say of their windows. */
export interface WindowAttributes {
  readonly kernel_shape: readonly number[] | undefined;
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly auto_pad: string | undefined;
}
/** Throws unless the window slides along two axes, padded as `pads` says. */
export function requirePlanar({ kernel_shape, strides, pads, dilations, auto_pad = "NOTSET" }: WindowAttributes): void {
  if (auto_pad !== "NOTSET") throw new Error(`auto_pad '${auto_pad}' is not supported: give pads instead`);
  for (const [name, values, count] of [
    ["kernel_shape", kernel_shape, 2],
    ["strides", strides, 2],
    ["pads", pads, 4],
    ["dilations", dilations, 2],
  ] as const)
    if (values && values.length !== count)
      throw new Error(`${name} is [${values.join(",")}], but two axes take ${count} numbers`);
}

export interface PoolAttributes extends WindowAttributes {
  readonly kernel_shape: readonly number[];
  readonly ceil_mode: number;
}
/** The type of a 2-D pooling of x [N,C,H,W]. */
export function pooled(x: RankedType, attrs: PoolAttributes): RankedType {
  const { kernel_shape: k, strides, pads, dilations, ceil_mode } = attrs;
  requirePlanar(attrs);
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

/** The type of a pooling of x [N,C,H,...] over all but batch and channels: [N,C,1,...]. */
export function globallyPooled(x: RankedType): RankedType {
  if (x.shape.length < 3) throw new Error(`x must be [N,C,H,...], but has rank ${x.shape.length}`);
  return tensorType(
    x.dtype,
    x.shape.map((d, i) => (i < 2 ? d : 1)),
  );
}
