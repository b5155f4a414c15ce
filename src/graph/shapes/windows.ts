import { slide } from "../ops/window.js";
import { type Dim, type RankedType, type Shape, type Type, tensorType } from "../type.js";
import { type Call, intOf, intsOf, like, type Rule, rankedAt, textOf, unknown } from "./call.js";

/** The place of each window along each axis of `size`, for Conv and the poolings of any number of axes. */
function windows(call: Call, size: Shape, kernel: Shape): Shape {
  const strides = intsOf(call, "strides") ?? size.map(() => 1);
  const dilations = intsOf(call, "dilations") ?? size.map(() => 1);
  const pads = intsOf(call, "pads") ?? [...size, ...size].map(() => 0);
  const auto = textOf(call, "auto_pad") ?? "NOTSET";
  const ceil = intOf(call, "ceil_mode") === 1;
  const lengths = [strides, dilations, kernel, pads.slice(size.length)];
  if (lengths.some((list) => list.length !== size.length))
    throw new Error(`${size.length} axes take as many strides, pads and lengths`);
  return size.map((d, i): Dim => {
    const stride = strides[i] ?? 1;
    if (auto.startsWith("SAME")) return typeof d === "number" && stride > 0 ? Math.ceil(d / stride) : null;
    const [before, after] = auto === "VALID" ? [0, 0] : [pads[i], pads[i + size.length]];
    return slide(d, kernel[i] ?? null, { stride, before, after, dilation: dilations[i], ceil });
  });
}

const ofDtype = (call: Call, dtype: RankedType["dtype"] | null, shape: Shape): Type | null =>
  dtype ? tensorType(dtype, shape) : like(call, shape);

/** x [N,C,...], w [M,C/group,...] -> [N,M,...]. */
const convolution =
  (w = 1, dtype: RankedType["dtype"] | null = null): Rule =>
  (call) => {
    const x = rankedAt(call, 0);
    if (!x) return [null];
    const weight = rankedAt(call, w)?.shape ?? unknown(x.shape.length);
    if (weight.length !== x.shape.length || x.shape.length < 3)
      throw new Error("x and w must be of one rank, 3 at least");
    const kernel = intsOf(call, "kernel_shape") ?? weight.slice(2);
    const size = windows(call, x.shape.slice(2), kernel);
    return [ofDtype(call, dtype, [x.shape[0] ?? null, weight[0] ?? null, ...size])];
  };

/** x [N,C,...], w [C,M/group,...] -> [N,M,...]. */
const transposed: Rule = (call) => {
  const x = rankedAt(call, 0);
  const w = rankedAt(call, 1);
  if (!x || !w) return [x && like(call, [x.shape[0] ?? null, ...unknown(x.shape.length - 1)])];
  const size = x.shape.slice(2);
  const kernel = intsOf(call, "kernel_shape") ?? w.shape.slice(2);
  const strides = intsOf(call, "strides") ?? size.map(() => 1);
  const dilations = intsOf(call, "dilations") ?? size.map(() => 1);
  const pads = intsOf(call, "pads") ?? [...size, ...size].map(() => 0);
  const padding = intsOf(call, "output_padding") ?? size.map(() => 0);
  const asked = intsOf(call, "output_shape");
  const auto = textOf(call, "auto_pad") ?? "NOTSET";
  const out = size.map((d, i): Dim => {
    if (asked) return asked.at(i - size.length) ?? null;
    const [stride = 1, k, dilation = 1] = [strides[i], kernel[i], dilations[i]];
    if (typeof d !== "number") return null;
    if (auto.startsWith("SAME")) return d * stride;
    if (typeof k !== "number") return null;
    const [before = 0, after = 0] = auto === "VALID" ? [] : [pads[i], pads[i + size.length]];
    return stride * (d - 1) + (padding[i] ?? 0) + dilation * (k - 1) + 1 - before - after;
  });
  const perGroup = w.shape[1];
  const channels = typeof perGroup === "number" ? perGroup * (intOf(call, "group") ?? 1) : null;
  return [like(call, [x.shape[0] ?? null, channels, ...out])];
};

/** Two outputs for MaxPool, whose second says where each largest number stood. */
const pool: Rule = (call) => {
  const x = rankedAt(call, 0);
  const kernel = intsOf(call, "kernel_shape");
  if (!x || !kernel) return [null];
  if (x.shape.length !== kernel.length + 2)
    throw new Error(`${kernel.length} window lengths do not fit rank ${x.shape.length}`);
  const shape = [...x.shape.slice(0, 2), ...windows(call, x.shape.slice(2), kernel)];
  return [like(call, shape), tensorType("int64", shape)];
};

const global: Rule = (call) => {
  const x = rankedAt(call, 0);
  if (x && x.shape.length < 2) throw new Error(`x must be [N,C,...], but has rank ${x.shape.length}`);
  return [
    x &&
      like(
        call,
        x.shape.map((d, i) => (i < 2 ? d : 1)),
      ),
  ];
};

export const WINDOWS: Readonly<Record<string, Rule>> = {
  Conv: convolution(),
  ConvInteger: convolution(1, "int32"),
  QLinearConv: (call) => {
    const out = rankedAt(call, 7);
    return out ? convolution(3, out.dtype)(call) : [null];
  },
  ConvTranspose: transposed,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: global,
  GlobalMaxPool: global,
  GlobalLpPool: global,
};
