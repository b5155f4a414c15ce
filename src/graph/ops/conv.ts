import { defineOp, int, ints, string } from "../op.js";
import { rank, tensorType } from "../type.js";
import { slidePlane } from "./window.js";

/** 2-D convolution. x [N,C,H,W], w [M,C/group,kH,kW], b [M] -> [N,M,H',W'].  https://onnx.ai/onnx/operators/onnx__Conv.html */
export const conv = /* @__PURE__ */ defineOp({
  type: "Conv",
  since: 1,
  inputs: ["x", "w", "b?"],
  attributes: {
    kernel_shape: ints.optional(),
    strides: ints.default([1, 1]),
    pads: ints.default([0, 0, 0, 0]),
    dilations: ints.default([1, 1]),
    group: int.default(1),
    auto_pad: string.optional(),
  },
  accepts: ({ node, attrs }) => (attrs.auto_pad ?? "NOTSET") === "NOTSET" && rank(node.inputs[1]?.type) === 4,
  infer([x, w, b], attrs) {
    const { group, kernel_shape } = attrs;
    if (x.shape.length !== 4) throw new Error(`x must be [N,C,H,W], but has rank ${x.shape.length}`);
    if (w.shape.length !== 4) throw new Error(`w must be [M,C/group,kH,kW], but has rank ${w.shape.length}`);
    const [n = null, c = null, ...size] = x.shape;
    const [m = null, perGroup = null, ...kernel] = w.shape;
    const plane = slidePlane(size, kernel_shape ?? kernel, attrs);
    if (typeof c === "number" && typeof perGroup === "number" && c !== perGroup * group)
      throw new Error(
        `x has ${c} channels, but w takes ${perGroup} in ${group === 1 ? "its one group" : `each of ${group} groups`}`,
      );
    if (typeof m === "number" && m % group)
      throw new Error(`w makes ${m} channels, which ${group} groups cannot share`);
    if (b && b.shape.length !== 1) throw new Error(`b must be [M], but has rank ${b.shape.length}`);
    const biases = b?.shape[0];
    if (typeof m === "number" && typeof biases === "number" && biases !== m)
      throw new Error(`w makes ${m} channels, but b has ${biases}`);
    if (kernel_shape && kernel.some((d, i) => typeof d === "number" && d !== kernel_shape[i]))
      throw new Error(`kernel_shape is ${kernel_shape.join("x")}, but w is ${kernel.join("x")}`);
    return tensorType(x.dtype, [n, m, ...plane]);
  },
});
