import { type Dim, type RankedType, type Shape, tensorType } from "../type.js";

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
  const extent = dilation * (kernel - 1) + 1;
  const places = (ceil ? Math.ceil : Math.floor)((size + before + after - extent) / stride) + 1;
  if (places < 1)
    throw new Error(`a window of ${extent} does not fit into ${size} with padding ${before} and ${after}`);
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
function requirePlanar({ kernel_shape, strides, pads, dilations, auto_pad = "NOTSET" }: WindowAttributes): void {
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

/** What a window of lengths `kernel` makes of an image's [H,W]. */
export function slidePlane(size: Shape, kernel: Shape, attrs: WindowAttributes, ceil = false): Shape {
  requirePlanar(attrs);
  const { strides, pads, dilations } = attrs;
  return size.map((d, i) =>
    slide(d, kernel[i] ?? null, {
      stride: strides[i],
      before: pads[i],
      after: pads[i + 2],
      dilation: dilations[i],
      ceil,
    }),
  );
}

export interface PoolAttributes extends WindowAttributes {
  readonly kernel_shape: readonly number[];
  readonly ceil_mode: number;
}
/** The type of a 2-D pooling of x [N,C,H,W]. */
export function pooled(x: RankedType, attrs: PoolAttributes): RankedType {
  if (x.shape.length !== 4) throw new Error(`x must be [N,C,H,W], but has rank ${x.shape.length}`);
  const plane = slidePlane(x.shape.slice(2), attrs.kernel_shape, attrs, attrs.ceil_mode === 1);
  return tensorType(x.dtype, [...x.shape.slice(0, 2), ...plane]);
}

/** The type of a pooling of x [N,C,H,...] over all but batch and channels: [N,C,1,...]. */
export function globallyPooled(x: RankedType): RankedType {
  if (x.shape.length < 3) throw new Error(`x must be [N,C,H,...], but has rank ${x.shape.length}`);
  return tensorType(
    x.dtype,
    x.shape.map((d, i) => (i < 2 ? d : 1)),
  );
}
