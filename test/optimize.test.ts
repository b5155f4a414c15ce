import { describe, expect, test } from "vitest";
import { Graph } from "../src/graph/graph.js";
import { add } from "../src/graph/ops/add.js";
import { identity } from "../src/graph/ops/identity.js";
import { relu } from "../src/graph/ops/relu.js";
import { targets } from "../src/graph/targets.js";
import { f32 } from "../src/graph/type.js";
import { NEWEST_OPSET, optimize, planPasses, specialise } from "../src/optimize.js";

describe("planPasses", () => {
  const names = (...plan: Parameters<typeof planPasses>): string[] => planPasses(...plan).map((p) => p.name);
  test.each(targets.map((t) => t.name))("has the passes of %s, ending with what tidies up", (target) => {
    expect(names({ target }).slice(-2)).toEqual(["remove-dead-code", "share-constants"]);
  });
  test("takes others in their place, and leaves some out", () => {
    expect(names({})).toEqual(names({ target: "portable" }));
    expect(names({ target: "cuda", passes: ["fold-batch-norm", "remove-identity"] })).toEqual([
      "fold-batch-norm",
      "remove-identity",
    ]);
    expect(names({ skip: ["fold-batch-norm"] })).toEqual(names({}).filter((n) => n !== "fold-batch-norm"));
    expect(() => planPasses({ target: "gpu" })).toThrow("there is no target 'gpu'");
    expect(() => planPasses({ passes: ["fold"] })).toThrow("there is no pass 'fold'");
    expect(() => planPasses({ skip: ["fold"] })).toThrow("there is no pass 'fold'");
  });
});

describe("optimize", () => {
  const network = (opset = 18): Graph => {
    const graph = new Graph("g", { opset });
    const x = graph.input("x", f32("N", 3));
    graph.output(relu(identity(add(x, x))), "y");
    return graph;
  };
  test("says what was there and what is there", () => {
    const { before, after, passes } = optimize(network(), planPasses({}));
    expect(before).toEqual({
      nodes: 3,
      operators: { Add: 1, Identity: 1, Relu: 1 },
      squeezeExcites: 0,
      constantBytes: 0,
    });
    expect(after).toEqual({ nodes: 2, operators: { Add: 1, Relu: 1 }, squeezeExcites: 0, constantBytes: 0 });
    expect(passes.filter((p) => p.applied)).toEqual([{ name: "remove-identity", applied: 1, skipped: [] }]);
  });
  test("refuses an opset that it does not know, and a graph that is not valid", () => {
    expect(() => optimize(network(NEWEST_OPSET), [])).not.toThrow();
    expect(() => optimize(network(NEWEST_OPSET + 1), [])).toThrow(
      /^the model has opset \d+, and what is known here ends at \d+/,
    );
    expect(() => specialise(network(NEWEST_OPSET + 1), { batch: 1 })).toThrow(/^the model has opset/);
    const wrong = network();
    const outputs = [{ name: "z", type: f32(7, 7) }];
    wrong.output(wrong.add({ op: "Relu", name: "r", inputs: [wrong.inputs[0]!], outputs }).outputs[0]!);
    expect(() => optimize(wrong, [])).toThrow(
      /^the model is not valid, so that it cannot be rewritten: Relu 'r' makes float32\[N,3\], but 'z' is declared as float32\[7,7\]$/,
    );
  });
});
