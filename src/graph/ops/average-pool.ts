import { defineOp, int, ints, string } from "../op.js";
import { pooled } from "./window.js";

/**
 * Mean over a 2-D window, padding left out unless count_include_pad. x [N,C,H,W] -> [N,C,H',W'].
 * https://onnx.ai/onnx/operators/onnx__AveragePool.html
 */
export const averagePool = /* @__PURE__ */ defineOp({
  type: "AveragePool",
  since: 1,
  inputs: ["x"],
  attributes: {
    kernel_shape: ints.required(),
    strides: ints.default([1, 1]),
    pads: ints.default([0, 0, 0, 0]),
    ceil_mode: int.default(0, 10),
    count_include_pad: int.default(0, 7),
    dilations: ints.default([1, 1], 19),
    auto_pad: string.optional(),
  },
  accepts: ({ attrs }) => (attrs.auto_pad ?? "NOTSET") === "NOTSET" && attrs.kernel_shape.length === 2,
  infer: ([x], attrs) => pooled(x, attrs),
});
