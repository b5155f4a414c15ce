import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { blocks } from "../../models/attention/index.js";
import { decode } from "../../src/export/decode.js";
import { findChannelGates } from "../../src/graph/channel-gate.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import { batchNorm2d, conv2d } from "../../src/graph/layers.js";
import { add } from "../../src/graph/ops/add.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { globalMaxPool } from "../../src/graph/ops/global-max-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { initialize } from "../../src/graph/random.js";
import { Scope } from "../../src/graph/scope.js";
import { f32 } from "../../src/graph/type.js";
import { unshaped } from "../../src/graph/walk.js";

/** The gates found in what `make` does with a map of 32 channels. */
function gatesIn(make: (x: Value, s: Scope) => Value) {
  const graph = new Graph("g");
  const scope = new Scope(graph);
  graph.output(make(graph.input("x", f32("N", 32, 6, 6)), scope.at("block")));
  initialize(scope.parameters);
  return findChannelGates(graph);
}

describe("the gate of a block is found", () => {
  const withChannelGate = blocks.filter(({ name }) => name !== "no-squeeze");
  test.each(withChannelGate)("$name", ({ block }) => {
    const told: Value[] = [];
    const found = gatesIn((x, s) =>
      block(relu(conv2d(x, s.at("before"), 32)), s, { r: 4, onGate: (g) => told.push(g) }),
    );
    expect(found.map(({ gate }) => gate)).toEqual(told.map(unshaped));
  });

  test("CBAM's channel half, which adds two squeezes up", () => {
    let gate: Value | null = null;
    const found = gatesIn((x, s) => {
      const layers = (v: Value, branch: Scope) => conv2d(relu(conv2d(v, branch.at(0), 4)), branch.at(1), 32);
      gate = sigmoid(add(layers(globalAveragePool(x), s.at("mean")), layers(globalMaxPool(x), s.at("max"))));
      return mul(gate, x, { name: "cbam" });
    });
    expect(found).toEqual([{ name: "cbam", gate }]);
  });

  test("in every form that exporters write", async () => {
    const folder = new URL("goldens/exported-se/", import.meta.url);
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(8);
    for (const file of files)
      expect(findChannelGates(await decode(readFileSync(new URL(file, folder)))), file).toHaveLength(1);
  });
});

describe("no gate is seen", () => {
  test.each<[string, (x: Value, s: Scope) => Value]>([
    ["where each pixel has its own", (x, s) => blocks.find((b) => b.name === "no-squeeze")!.block(x, s, { r: 4 })],
    ["in Swish", (x) => mul(x, sigmoid(x))],
    ["in a squeeze that nothing is learnt from", (x) => mul(x, globalAveragePool(x))],
    ["where another map is squeezed", (x, s) => mul(x, sigmoid(conv2d(globalAveragePool(relu(x)), s, 32)))],
    ["in a plain network", (x, s) => relu(batchNorm2d(conv2d(x, s.at("conv"), 32), s.at("bn")))],
  ])("%s", (_, make) => {
    expect(gatesIn(make)).toEqual([]);
  });
});
