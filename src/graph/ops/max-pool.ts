import { FLOATS } from "../dtype.js";
import { defineOp, int, ints, string } from "../op.js";
import { pooled } from "./window.js";

/** Maximum over a 2-D window; padding never wins. x [N,C,H,W] -> [N,C,H',W'].  https://onnx.ai/onnx/operators/onnx__MaxPool.html */
export const maxPool = /* @__PURE__ */ defineOp({
  type: "MaxPool",
  since: 1,
  inputs: ["x"],
  attributes: {
    kernel_shape: ints.required(),
    strides: ints.default([1, 1]),
    pads: ints.default([0, 0, 0, 0]),
    ceil_mode: int.default(0, 10),
    dilations: ints.default([1, 1], 10),
    storage_order: int.default(0, 8),
    auto_pad: string.optional(),
  },
  dtypes: [...FLOATS, "int8", "uint8"],
  accepts: ({ attrs }) => (attrs.auto_pad ?? "NOTSET") === "NOTSET" && attrs.kernel_shape.length === 2,
  infer: ([x], attrs) => pooled(x, attrs),
});
