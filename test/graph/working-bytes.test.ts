import { expect, test } from "vitest";
import { Graph } from "../../src/graph/graph.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { relu } from "../../src/graph/ops/relu.js";
import { f32 } from "../../src/graph/type.js";
import { workingBytes } from "../../src/graph/working-bytes.js";

/** What a relu and a global average pool make of images of this batch, [N,3,8,8]. */
function pooled(batch: number | string | null, side: number | null = 8): Graph {
  const graph = new Graph("pooled");
  graph.output(globalAveragePool(relu(graph.input("images", f32(batch, 3, side, side)))));
  return graph;
}

test("a run takes its inputs at least, and what one pooling reads and writes beside them", () => {
  const image = 3 * 8 * 8 * 4;
  expect(workingBytes(pooled("N"), 1)).toBe(image + image + 3 * 4);
  expect(workingBytes(pooled("N"), 4096)).toBe(4096 * (image + image + 3 * 4));
  expect(workingBytes(pooled(2), 4096)).toBe(2 * (image + image + 3 * 4));
});

test("what is not known counts as none", () => {
  expect(workingBytes(pooled(null, null), 1)).toBe(3 * 4);
});
