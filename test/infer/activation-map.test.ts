import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { open } from "../../dist/src/node.js";
import { backbones } from "../../models/index.js";
import { buildNetwork } from "../../models/network.js";
import { buildModel } from "../../src/build.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { choose } from "../../src/graph/error.js";
import { Graph } from "../../src/graph/graph.js";
import { averagePool } from "../../src/graph/ops/average-pool.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { relu } from "../../src/graph/ops/relu.js";
import { f32 } from "../../src/graph/type.js";
import { type ActivationMap, activationMap, observeClassifier } from "../../src/infer/activation-map.js";
import { heatColour, overlay } from "../../src/infer/overlay.js";
import type { Box } from "../../src/infer/resample.js";
import type { Feeds } from "../../src/infer/session.js";
import { images, type Recipe, weightsOf } from "../models/recipe.js";
import { golden } from "./photos.js";

/** What parity/activation_golden.py wrote. */
interface Golden {
  readonly maps: Readonly<
    Record<string, { class: number; logit: number; shape: readonly [number, number]; map: readonly number[] }>
  >;
  readonly overlays: readonly {
    readonly width: number;
    readonly height: number;
    readonly pixels: readonly number[];
    readonly shape: readonly [number, number];
    readonly map: readonly number[];
    readonly region: Box;
    readonly drawn: readonly number[];
  }[];
}
const { maps, overlays } = golden<Golden>("activation.json");
interface Weights extends Recipe {
  readonly input: { readonly count: number; readonly size: number; readonly seed: number };
}
const folder = new URL("../models/goldens/parity/", import.meta.url);

/** The network of a golden, observed, and what it gives for the golden's images. */
async function seen(name: string, dtype: "fp32" | "fp16" = "fp32") {
  const recipe: Weights = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  const { count, size, seed } = recipe.input;
  const architecture = await choose("backbone", name, backbones).load();
  const options = { classes: 40, inputSize: size };
  const { parameters } = buildNetwork(name, architecture, options);
  const { graph } = buildModel(name, architecture, { ...options, dtype, weights: weightsOf(recipe, parameters) });
  const classifier = observeClassifier(graph);
  const data = images(count, 3, size, seed);
  const input = { dtype: "float32" as const, shape: [count, 3, size, size], data };
  return { classifier, outputs: await run(await encodeToBytes(graph), { input }) };
}
async function run(model: Uint8Array, feeds: Feeds): Promise<Feeds> {
  const session = await open(model);
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

const relativeError = ({ data }: ActivationMap, reference: readonly number[]): number =>
  Math.max(...reference.map((value, i) => Math.abs(value - (data[i] ?? Number.NaN)))) /
  Math.max(...reference.map(Math.abs));

describe("a class activation map", () => {
  test.each(Object.keys(maps))("of %s is PyTorch's, and that of another class is not", async (name) => {
    const { class: index, logit, shape, map: reference } = maps[name]!;
    const { classifier, outputs } = await seen(name);
    const map = await activationMap(classifier, outputs);
    expect(map).toMatchObject({ index, height: shape[0], width: shape[1] });
    expect(Math.abs(map.logit - logit)).toBeLessThan(1e-4);
    expect(relativeError(map, reference)).toBeLessThan(1e-4);
    expect(relativeError(await activationMap(classifier, outputs, index + 1), reference)).toBeGreaterThan(1e-3);
  });

  test("of a float16 network is the same within its precision", async () => {
    const { classifier, outputs } = await seen("resnet18", "fp16");
    expect(relativeError(await activationMap(classifier, outputs), maps.resnet18!.map)).toBeLessThan(0.02);
  });

  test("is refused for a class that there is not", async () => {
    const { classifier, outputs } = await seen("resnet18");
    await expect(activationMap(classifier, outputs, 40)).rejects.toThrow(
      "there is no class 40: the model has 40, counted from 0",
    );
  });

  test("is the feature map itself where its means are the classes", async () => {
    const graph = new Graph("means");
    const x = graph.input("x", f32(1, 2, 2, 3));
    graph.output(flatten(globalAveragePool(relu(x, { name: "map" }))), "logits");
    const classifier = observeClassifier(graph);
    const data = Float32Array.of(-1, 2, 3, 4, 5, 6, 9, 8, -7, 6, 5, 4);
    const outputs = await run(await encodeToBytes(graph), { x: { dtype: "float32", shape: [1, 2, 2, 3], data } });
    const map = await activationMap(classifier, outputs);
    expect({ ...map, data: [...map.data] }).toMatchObject({ index: 1, bias: 0, data: [9, 8, 0, 6, 5, 4] });
  });

  test("is refused where the pooling leaves a part of the map out", () => {
    const graph = new Graph("part");
    const x = graph.input("x", f32(1, 2, 3, 3));
    const pooled = averagePool(relu(x, { name: "map" }), { kernel_shape: [2, 2], strides: [2, 2] }); // rounds down to one place
    graph.output(flatten(pooled), "logits");
    expect(() => observeClassifier(graph)).toThrow(
      /come from AveragePool 'map.AveragePool', which is no linear layer$/,
    );
  });
});

describe("a map over a picture", () => {
  test.each(overlays)(
    "of $width x $height pixels is PyTorch's",
    ({ width, height, pixels, shape, map, region, drawn }) => {
      const activation = {
        index: 0,
        logit: 0,
        bias: 0,
        height: shape[0],
        width: shape[1],
        data: Float32Array.from(map),
      };
      const { data } = overlay({ width, height, data: Uint8Array.from(pixels) }, activation, region);
      const difference = Math.max(...drawn.map((value, i) => Math.abs(value - data[i]!)));
      expect(difference).toBeLessThanOrEqual(0.51);
    },
  );

  test("that is the same everywhere has one colour", () => {
    const activation = { index: 0, logit: 0, bias: 0, height: 1, width: 1, data: Float32Array.of(3) };
    const { data } = overlay({ width: 2, height: 1, data: new Uint8Array(6) }, activation, {
      left: 0,
      top: 0,
      width: 2,
      height: 1,
    });
    expect([...data]).toEqual([13, 8, 135, 13, 8, 135].map((v) => Math.round(v / 2)));
  });

  test("has colours from dark blue to yellow, and no others", () => {
    expect([-1, 0, 1, 2].map(heatColour)).toEqual([
      [13, 8, 135],
      [13, 8, 135],
      [240, 249, 33],
      [240, 249, 33],
    ]);
    const lightness = Array.from({ length: 101 }, (_, i) => {
      const [r, g, b] = heatColour(i / 100);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    for (const [i, value] of lightness.entries()) expect(value).toBeGreaterThanOrEqual((lightness[i - 1] ?? 0) - 0.5);
  });
});
