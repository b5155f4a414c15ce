import { existsSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { Architecture } from "../../dist/models/architecture.js";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
// The built package, since a session's worker is a file of it.
import {
  type BuildOptions,
  buildModel,
  check,
  conv2d,
  encodeToBytes,
  flatten,
  globalAveragePool,
  linear,
  relu,
  show,
} from "../../dist/src/index.js";
import { providers } from "../../dist/src/infer/node/providers/index.js";
import { sentence } from "../../dist/src/infer/provider.js";
import { decodeImage, open, type Pixels } from "../../dist/src/node.js";
import { photo } from "../cli/se-onnx.js";

const NORMALIZATION = { mean: [0.4, 0.5, 0.3], std: [0.2, 0.25, 0.3] };
const preprocessing = {
  ...NORMALIZATION,
  input_size: [3, 32, 32] as const,
  interpolation: "bilinear" as const,
  crop_pct: 0.875,
  crop_mode: "center" as const,
};
const build = (options: BuildOptions = {}, network = cifar_resnet20) =>
  buildModel("network", network, { weights: { seed: 3 }, preprocessing, ...options });
/** Few operators, since a software adapter takes long over each. */
const TINY: Architecture = {
  input: { size: 32, min: 4 },
  classes: 10,
  stages: [1],
  build(image, s, { classes, excite }) {
    const x = relu(conv2d(image, s.at("conv"), 32, { kernel: 3, stride: 2, bias: true }));
    const seen = excite(x, s.at("se"), { stage: 1 });
    return linear(flatten(globalAveragePool(seen)), s.at("fc"), classes);
  },
};
/** WebGPU on the processor, where Chromium has brought the driver for it. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES ??= SWIFTSHADER;

/** A dark one, a bright one, and one that is so long that black is put around it. */
let images: readonly Pixels[];
beforeAll(async () => {
  const strip = Uint8Array.from({ length: 3 * 200 }, (_, i) => (i * 37) % 256);
  images = [
    ...(await Promise.all([photo("rocket.jpg"), photo("chelsea.png")].map((path) => decodeImage(path)))),
    { width: 200, height: 1, data: strip },
  ];
});

/** The probabilities of every class by index, and what the model says of itself. */
async function scores(
  device: string,
  options: BuildOptions,
  network = cifar_resnet20,
): Promise<readonly (readonly number[])[]> {
  const { graph } = build(options, network);
  expect(check(graph)).toEqual([]);
  const model = await open(await encodeToBytes(graph), { device });
  try {
    const results = await model.classify(images, { topK: 10 });
    return results.map(({ predictions }) => {
      const byIndex: number[] = [];
      for (const { index, score } of predictions) byIndex[index] = score;
      return byIndex;
    });
  } finally {
    await model.close();
  }
}
const difference = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? Number.NaN)))));

const ALONE: readonly BuildOptions[] = [{ normalize: true }, { softmax: true }, { inputType: "uint8" }];
const TOGETHER: readonly BuildOptions[] = [
  { normalize: true, softmax: true, opset: 13 },
  { inputType: "uint8", softmax: true },
];

test.each([
  ["cpu", [...ALONE, ...TOGETHER]],
  ["wasm", TOGETHER],
])("on %s, preprocessing and softmax in the graph give what they give outside", async (device, forms) => {
  const plain = await scores(device, {});
  expect(difference(plain.slice(0, 1), plain.slice(1, 2))).toBeGreaterThan(1e-2); // a mix-up would show
  for (const form of forms) expect(difference(plain, await scores(device, form))).toBeLessThan(1e-5);
});

test("on webgpu too", { timeout: 180_000 }, async (c) => {
  const available = await providers.all.find(({ name }) => name === "webgpu")?.available();
  if (available !== true) return c.skip(`webgpu is skipped: ${available ? sentence(available) : "there is none"}`);
  const plain = await scores("cpu", {}, TINY);
  expect(difference(plain.slice(0, 1), plain.slice(1, 2))).toBeGreaterThan(1e-3);
  for (const form of TOGETHER) expect(difference(plain, await scores("webgpu", form, TINY))).toBeLessThan(1e-5);
});

test("in grey, and in float16, where they stay float32", async () => {
  const grey = { inChans: 1, batch: 1 } as const;
  expect(difference(await scores("cpu", grey), await scores("cpu", { ...grey, inputType: "uint8" }))).toBeLessThan(
    1e-5,
  );
  const half = { dtype: "fp16" } as const;
  const baked = await scores("cpu", { ...half, inputType: "uint8", softmax: true });
  expect(difference(await scores("cpu", half), baked)).toBeLessThan(1e-5);
});

test("the file says what is left to do, and what it does itself", () => {
  const { graph } = build({ inputType: "uint8", softmax: true });
  expect([...graph.inputs, ...graph.outputs].map((v) => `${v.name}: ${show(v.type)}`)).toEqual([
    "input: uint8[N,32,32,3]",
    "probabilities: float32[N,10]",
  ]);
  const metadata = (key: string): unknown => JSON.parse(graph.metadata.get(`se-onnx.${key}`) ?? "null");
  expect(metadata("preprocessing")).toEqual({ ...preprocessing, mean: [0, 0, 0], std: [1, 1, 1] });
  expect(metadata("normalization")).toEqual(NORMALIZATION);
  expect(build().graph.metadata.has("se-onnx.normalization")).toBe(false);
});

test("without logits there is no softmax, which a sentence says", () => {
  for (const options of [{ classes: 0 }, { features: ["layer2"] }])
    expect(() => build({ ...options, softmax: true })).toThrow(
      /a softmax needs the output logits, .*: leave --softmax out/,
    );
});
