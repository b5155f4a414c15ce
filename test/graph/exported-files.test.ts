import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decode } from "../../src/export/decode.js";
import { replace } from "../../src/graph/edit.js";
import type { Graph } from "../../src/graph/graph.js";
import { parameter } from "../../src/graph/parameter.js";
import { initialize } from "../../src/graph/random.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { targets } from "../../src/graph/targets.js";
import { elements } from "../../src/graph/type.js";
import { optimize, planPasses, specialise } from "../../src/optimize.js";
import { feedsFor, relativeDifference, runOnnx } from "./onnx-runtime.js";

const goldens = new URL("goldens/", import.meta.url);

/** A file whose weights were left out (tools/stripped.py), with random ones in their place. */
async function withWeights(file: string): Promise<Graph> {
  const zeros = { byteLength: Number.MAX_SAFE_INTEGER, read: async (a: number, b: number) => new Uint8Array(b - a) };
  const graph = await decode(readFileSync(new URL(file, goldens)), { openExternal: async () => zeros });
  const made = graph.constants.flatMap((c) => {
    if (c.constant?.dtype !== "float32" || c.constant.byteLength < 1024) return [];
    const [, ...perOutput] = c.constant.shape;
    const fanIn = perOutput.length ? 3 * elements(perOutput) : 60; // narrower than He: no normalisation is left; a bias within 0.3
    const own = parameter(c.name, c.constant, { kind: "he-uniform", fanIn });
    replace(c, graph.constant(c.name, own.tensor));
    return [own];
  });
  initialize(made, 7);
  return graph;
}

/** One target of those that have the same passes. */
const plans = [...new Map(targets.map((t) => [t.passes.map((p) => p.name).join(), t])).values()];

/** Every target's rewrite of a graph gives what the graph gave. */
async function keeps(read: () => Promise<Graph>, tolerance: number, batch = 2): Promise<void> {
  const graph = await read();
  const feeds = feedsFor(graph, { otherwise: batch });
  const before = await runOnnx(graph, feeds);
  expect(Math.max(...Object.values(before).flatMap((v) => v.values.map(Math.abs)))).toBeGreaterThan(0.01);
  for (const target of plans) {
    const rewritten = await read();
    if (target.name === "ort-cpu") specialise(rewritten, { batch: feeds[graph.inputs[0]!.name]!.dims[0] });
    const { passes } = optimize(rewritten, planPasses({ target: target.name }));
    if (passes.every((p) => p.applied === 0)) continue;
    expect(relativeDifference(before, await runOnnx(rewritten, feeds)), target.name).toBeLessThan(tolerance);
  }
}

describe.each([
  { folder: "exported-se", tolerance: 1e-5, maker: "torch.onnx.export, TorchScript" },
  { folder: "dynamo-se", tolerance: 1e-5, maker: "torch.onnx.export, dynamo" },
  { folder: "converted-se", tolerance: 1e-3, maker: "converters to 16 and 8 bits" },
])("one SE block by $maker", ({ folder, tolerance }) => {
  test.each(readdirSync(new URL(`${folder}/`, goldens)))("%s", async (name) => {
    const read = () => decode(readFileSync(new URL(`${folder}/${name}`, goldens)));
    const kind = {
      channels: 32,
      hidden: 8,
      squeeze: "avg",
      excitation: name.includes("ramp") ? "HardSigmoid" : "Sigmoid",
      bias: !/^(mean-index|view-expand(-static)?)[.-](?!bias)/.test(name),
    };
    expect(findSqueezeExcite(await read())).toMatchObject([kind]);
    await keeps(read, tolerance);
  });
});

describe("networks of timm and torchvision by the dynamo exporter", () => {
  test.each([
    ["seresnet50", 16, { channels: 2048, hidden: 128, excitation: "Sigmoid" }],
    ["efficientnet_b0", 16, { channels: 1152, hidden: 48, excitation: "Sigmoid" }],
    ["regnety_008", 14, { channels: 768, hidden: 192, excitation: "Sigmoid" }],
    ["torchvision-mobilenet_v3_large", 8, { channels: 960, hidden: 240, excitation: "HardSigmoid" }],
  ])("%s has %i blocks, and gives the same through every target", async (name, blocks, last) => {
    const read = () => withWeights(`dynamo-networks/${name}.onnx`);
    const found = findSqueezeExcite(await read());
    expect(found).toHaveLength(blocks);
    expect(found.at(-1)).toMatchObject({ ...last, squeeze: "avg", form: "conv" });
    await keeps(read, 1e-4, 1);
  });
});
