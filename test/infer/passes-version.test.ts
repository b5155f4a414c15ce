import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { resnet18 } from "../../models/resnet.js";
import { buildModel } from "../../src/build.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { PASSES_VERSION } from "../../src/infer/node/fast-model.js";
import { optimize, planPasses } from "../../src/optimize.js";

/** What the passes of each target make of one network, by the version of the passes. */
const FORMS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  6: { "ort-cpu": "f661034a892ca270", wasm: "43ce03fb2f9f884b", webgpu: "cf46f03d591682a4" },
};

test.each(["ort-cpu", "wasm", "webgpu"])("kept forms of %s are of these passes", async (target) => {
  const { graph } = buildModel("resnet18", resnet18, { batch: 1, inputSize: 32, classes: 2, weights: { seed: 1 } });
  optimize(graph, planPasses({ target }));
  graph.model.producerVersion = "";
  const form = createHash("sha256")
    .update(await encodeToBytes(graph))
    .digest("hex")
    .slice(0, 16);
  expect(form, "the passes have changed: raise PASSES_VERSION and name this form here").toBe(
    FORMS[PASSES_VERSION]?.[target],
  );
});
