import { describe, expect, test } from "vitest";
import { sameConv2d } from "../../models/tensorflow.js";
import { Graph } from "../../src/graph/graph.js";
import { Scope } from "../../src/graph/scope.js";
import { f32 } from "../../src/graph/type.js";

const image = (height: number | string, width: number) => {
  const graph = new Graph("g");
  return { x: graph.input("x", f32("N", 8, height, width)), s: new Scope(graph).at("conv") };
};

describe("SAME padding", () => {
  // What tf.nn.conv2d does by the formula of its page: max((ceil(n / stride) - 1) stride + kernel - n, 0) zeros, the odd one at the end.
  test.each([
    { size: [6, 7], kernel: 3, stride: 2, pads: [0, 1, 1, 1], places: [3, 4] },
    { size: [8, 9], kernel: 5, stride: 2, pads: [1, 2, 2, 2], places: [4, 5] },
    { size: [8, 9], kernel: 5, stride: 1, pads: [2, 2, 2, 2], places: [8, 9] },
    { size: [5, 6], kernel: 1, stride: 2, pads: [0, 0, 0, 0], places: [3, 3] },
    { size: [4, 4], kernel: [2, 3] as const, stride: 1, pads: [0, 1, 1, 1], places: [4, 4] },
  ])("of $kernel at stride $stride over $size", ({ size, kernel, stride, pads, places }) => {
    const { x, s } = image(size[0]!, size[1]!);
    const y = sameConv2d(x, s, 16, { kernel, stride, groups: 4 });
    expect(y.producer?.attributes.pads).toEqual({ kind: "ints", value: pads });
    expect(y.type).toEqual(f32("N", 16, ...places));
  });

  test("needs the size", () => {
    const { x, s } = image("H", 6);
    expect(() => sameConv2d(x, s, 16, { kernel: 3 })).toThrow(
      "SAME padding of 'x' needs its height and width, which are not known",
    );
  });
});
