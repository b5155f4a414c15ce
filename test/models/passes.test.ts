import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { buildModel } from "../../src/build.js";
import { convertFloat16 } from "../../src/graph/passes/convert-float16.js";
import { allPasses } from "../../src/graph/targets.js";
import { optimize } from "../../src/optimize.js";
import { feedsFor, relativeDifference, runOnnx } from "../graph/onnx-runtime.js";

/** Small ones of several kinds; `npm run parity:passes` has them all. */
const NAMES = ["cifar_resnet20", "mobilenet_v3_small", "shufflenet_v1_g3", "regnet_y_400mf"];
const exact = allPasses.filter((pass) => pass !== convertFloat16);
const plans = [...exact.map((pass) => [pass]), exact];

describe.each(NAMES)("%s", (name) => {
  test.each([1, 3])("keeps its outputs through every pass alone and all together, batch %i", async (batch) => {
    const { load } = backbones.find((b) => b.name === name)!;
    const architecture = await load();
    const build = () =>
      buildModel(name, architecture, { inputSize: architecture.input.min, classes: 10, fold: false, batch }).graph;
    const feeds = feedsFor(build());
    const before = await runOnnx(build(), feeds);
    const applied = new Set<string>();
    for (const plan of plans) {
      const graph = build();
      const changed = optimize(graph, plan).passes.filter((p) => p.applied);
      for (const pass of changed) applied.add(pass.name);
      if (!changed.length) continue;
      const off = relativeDifference(before, await runOnnx(graph, feeds));
      expect(off, plan.map((p) => p.name).join(" ")).toBeLessThan(1e-4);
    }
    expect(applied).toContain("gate-to-conv");
    expect(applied).toContain("fold-batch-norm");
  });
});
