import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { buildNetwork } from "../../models/network.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { conv2d, linear } from "../../src/graph/layers.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { globalMaxPool } from "../../src/graph/ops/global-max-pool.js";
import { relu } from "../../src/graph/ops/relu.js";
import { softmax } from "../../src/graph/ops/softmax.js";
import { pooledClassifier } from "../../src/graph/pooled-classifier.js";
import { Scope } from "../../src/graph/scope.js";
import { f32, isRanked } from "../../src/graph/type.js";

/** What is found at the end of what `make` does with a map, and the map. */
function headOf(make: (x: Value, s: Scope) => Value) {
  const graph = new Graph("g");
  const x = graph.input("x", f32("N", 8, 5, 5));
  const map = relu(x, { name: "map" });
  return { map, found: pooledClassifier(make(map, new Scope(graph))) };
}

describe("a head that averages a map and is linear after it", () => {
  test.each<[string, number, (x: Value, s: Scope) => Value]>([
    ["Gemm", 3, (x, s) => linear(flatten(globalAveragePool(x)), s.at("fc"), 3)],
    ["1x1 convolution", 3, (x, s) => flatten(conv2d(globalAveragePool(x), s.at("fc"), 3, { bias: true, kernel: 1 }))],
    ["with a softmax", 3, (x, s) => softmax(linear(flatten(globalAveragePool(x)), s.at("fc"), 3))],
  ])("%s", (_, classes, make) => {
    const { map, found } = headOf(make);
    expect(found).toMatchObject({ layer: { inputs: 8, outputs: classes } });
    expect(typeof found === "object" && found.features).toBe(map);
  });

  test("without a layer: the means are the classes", () => {
    const { map, found } = headOf((x) => flatten(globalAveragePool(x)));
    expect(found).toMatchObject({ layer: null, features: map });
  });
});

describe("another head is described", () => {
  test.each<[string, (x: Value, s: Scope) => Value]>([
    ["its last linear layer reads Relu 'hidden', not the global average of a feature map", hidden],
    [
      "its last linear layer reads GlobalMaxPool 'max', not the global average of a feature map",
      (x, s) => linear(flatten(globalMaxPool(x, { name: "max" })), s.at("fc"), 3),
    ],
    [
      "its last linear layer reads Relu 'map', not the global average of a feature map",
      (x, s) => conv2d(x, s, 3, { kernel: 1 }),
    ],
    [
      "its classes come from Relu 'last', which is no linear layer",
      (x) => relu(globalAveragePool(x), { name: "last" }),
    ],
  ])("%s", (sentence, make) => {
    expect(headOf(make).found).toBe(sentence);
  });
  function hidden(x: Value, s: Scope): Value {
    const units = relu(linear(flatten(globalAveragePool(x)), s.at("fc1"), 4), { name: "hidden" });
    return linear(units, s.at("fc2"), 3);
  }
});

test("every family has such a head, VGG and MobileNetV3 apart, whose heads have hidden layers", async () => {
  const without = new Set<string>();
  for (const family of new Set(backbones.map((b) => b.family))) {
    const backbone = backbones.find((b) => b.family === family)!;
    const { graph } = buildNetwork(backbone.name, await backbone.load(), { classes: 7 });
    const found = pooledClassifier(graph.outputs[0]!);
    if (typeof found === "string") without.add(family);
    else {
      expect(found.layer?.outputs, family).toBe(7);
      expect(isRanked(found.features.type) && found.features.type.shape.slice(0, 2), family).toEqual([
        "N",
        found.layer?.inputs,
      ]);
    }
  }
  expect([...without].sort()).toEqual(["mobilenet-v3", "vgg"]);
});
