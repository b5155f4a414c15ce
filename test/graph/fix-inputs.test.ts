import { describe, expect, test } from "vitest";
import { fixInputs } from "../../src/graph/fix-inputs.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { conv } from "../../src/graph/ops/conv.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { float32s, int64s } from "../../src/graph/tensor.js";
import { show } from "../../src/graph/type.js";
import { typeOf } from "./calls.js";

/** x -> Conv of 2 channels, stride 2 -> "map"; its mean as a row -> "row". */
function network(x: string, row: readonly number[], declared: string | null = null): Graph {
  const graph = new Graph("g");
  const image = graph.input("x", typeOf(x));
  const weight = graph.constant("w", float32s(Array.from({ length: 54 }, Math.sin), [2, 3, 3, 3]));
  const map = conv(image, weight, null, { strides: [2, 2], pads: [1, 1, 1, 1] });
  graph.output(map, "map");
  graph.output(reshape(globalAveragePool(map), graph.constant("shape", int64s(row))), "row");
  if (declared) (graph.outputs[1] as { -readonly [K in keyof Value]: Value[K] }).type = typeOf(declared); // as files have it
  return graph;
}
const types = (graph: Graph): string[] => [...graph.inputs, ...graph.outputs].map((v) => show(v.type));

describe("fixInputs", () => {
  test("gives open lengths numbers, in the outputs too", () => {
    const graph = network("float32[N,3,H,W]", [0, -1], "float32[N,2]");
    expect(fixInputs(graph, { batch: 4, inputSize: [8, 6] })).toBe(false);
    expect(types(graph)).toEqual(["float32[4,3,8,6]", "float32[4,2,4,3]", "float32[4,2]"]);
    expect(graph.nodes.map((n) => show(n.outputs[0]!.type))).toEqual([
      "float32[4,2,4,3]",
      "float32[4,2,1,1]",
      "float32[4,2]",
    ]);
  });

  test("changes numbers, and infers what they led to anew", () => {
    const graph = network("float32[1,3,16,16]", [-1, 2]);
    expect(types(graph)).toEqual(["float32[1,3,16,16]", "float32[1,2,8,8]", "float32[1,2]"]);
    expect(fixInputs(graph, { batch: 2, inputSize: [32, 16] })).toBe(true);
    expect(types(graph)).toEqual(["float32[2,3,32,16]", "float32[2,2,16,8]", "float32[2,2]"]);
    expect(fixInputs(graph, { batch: 2 })).toBe(false);
  });

  test("a name that two inputs share is one number; other inputs keep what they have", () => {
    const graph = new Graph("g");
    graph.input("x", typeOf("float32[N,3,4,4]"));
    graph.input("y", typeOf("float32[N,M]"));
    graph.input("z", typeOf("float32[7,5]"));
    graph.input("open", typeOf("float32[?]"));
    graph.input("unknown", null);
    fixInputs(graph, { batch: 2, inputSize: [5, 6] });
    expect(types(graph)).toEqual(["float32[2,3,5,6]", "float32[2,M]", "float32[7,5]", "float32[2]", "unknown"]);
  });

  test("throws a sentence where a Reshape holds to another batch", () => {
    const graph = network("float32[N,3,8,8]", [1, 2]);
    expect(() => fixInputs(graph, { batch: 4 })).toThrow(
      /^the network does not take float32\[4,3,8,8\]: Reshape '.*': data \[4,2,1,1\] does not fill shape \[1,2\]$/,
    );
    expect(() => fixInputs(network("float32[N,3,8,8]", [1, 2]), { batch: 1 })).not.toThrow();
  });
});
