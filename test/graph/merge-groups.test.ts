import { describe, expect, test } from "vitest";
import { Graph, type Value } from "../../src/graph/graph.js";
import { conv } from "../../src/graph/ops/conv.js";
import { mergeGroups } from "../../src/graph/passes/merge-groups.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { float32s } from "../../src/graph/tensor.js";
import { elements, f32 } from "../../src/graph/type.js";
import { numbers, run } from "./evaluate.js";

/** x [1,channels,5,5] -> 3x3 convolution in `group` groups of `inputs` channels, `outputs` in all. */
function grouped(group: number, inputs: number, outputs = group * inputs): { graph: Graph; made: Value } {
  const graph = new Graph("g");
  const x = graph.input("x", f32(1, group * inputs, 5, 5));
  const shape = [outputs, inputs, 3, 3];
  const wave = Array.from({ length: elements(shape) }, (_, i) => Math.sin(1.7 * i));
  const w = graph.constant("w", float32s(wave, shape));
  const b = graph.constant("b", float32s(Array.from({ length: outputs }, (_, i) => i / 8)));
  const made = conv(x, w, b, { name: "conv", kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], group });
  graph.output(made, "y");
  return { graph, made };
}
const image = (channels: number) =>
  numbers(
    [1, channels, 5, 5],
    Array.from({ length: channels * 25 }, (_, i) => Math.cos(0.9 * i)),
  );

describe("merge-groups", () => {
  test.each([
    [8, 4, 2],
    [4, 8, 2],
    [16, 2, 2],
    [16, 1, 16],
  ])("makes groups of 16 of %i groups of %i, with the same outputs", async (group, inputs, left) => {
    if (inputs === 1) return expect(mergeGroups.run(grouped(group, 1).graph).applied).toBe(0); // depthwise
    const before = await run(grouped(group, inputs).graph, { x: image(group * inputs) });
    const { graph } = grouped(group, inputs);
    expect(mergeGroups.run(graph)).toEqual({ applied: 1, skipped: [] });
    removeDeadCode.run(graph);
    const [node] = graph.nodes;
    expect(node?.attributes.group).toEqual({ kind: "int", value: left });
    expect(node?.inputs[1]?.constant?.shape).toEqual([group * inputs, 16, 3, 3]);
    const after = await run(graph, { x: image(group * inputs) });
    expect(after.y?.shape).toEqual(before.y?.shape);
    for (const [i, v] of after.y?.values.entries() ?? []) expect(v).toBeCloseTo(before.y?.values[i] ?? Number.NaN, 12);
  });

  test.each([
    [2, 16, 32, null],
    [1, 8, 8, null],
    [3, 4, 12, "its 3 groups of 4 channels make no groups of 16"],
    [4, 3, 12, "its 4 groups of 3 channels make no groups of 16"],
    [4, 4, 32, "it makes 8 channels of 4 in each group"],
  ])("leaves %i groups of %i channels that make %i", (group, inputs, outputs, reason) => {
    const { graph } = grouped(group, inputs, outputs);
    expect(mergeGroups.run(graph)).toEqual({ applied: 0, skipped: reason ? [{ node: "conv", reason }] : [] });
  });
});
