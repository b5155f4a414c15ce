import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mobilenet_v3_small } from "../../dist/models/mobilenet-v3.js";
// The built package, since it is what a page gets.
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { providers } from "../../dist/src/infer/node/providers/index.js";
import { sentence } from "../../dist/src/infer/provider.js";
import { open } from "../../dist/src/node.js";
import { bundle } from "../package/bundle.js";
import { ACCELERATED, launch, newPage, noBrowser } from "./chromium.js";
import { type Site, serve } from "./site.js";

/** WebGPU without a graphics processor, which comes with Chromium. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES ??= SWIFTSHADER;
/** An image with values in [-0.5, 0.5]. */
const DATA = Array.from({ length: 3 * 32 * 32 }, (_, i) => ((i * 7919) % 1009) / 1008 - 0.5);

const PAGE = `
import { open } from "se-onnx/web";
globalThis.done = async (device) => {
  try {
    await using model = await open("/model.onnx", { device });
    const data = Float32Array.from(${JSON.stringify(DATA)});
    const { logits } = await model.run({ input: { dtype: "float32", shape: [1, 3, 32, 32], data } });
    return { provider: model.provider, logits: Array.from(logits.data) };
  } catch (e) { return e.message; }
};
`;

/** SE-ResNet-20's logits are compared in the providers' own tests; these are a mobile network's. */
const bytes = encodeToBytes(
  buildModel("mobilenet_v3_small", mobilenet_v3_small, { inputSize: 32, classes: 10, batch: 1, weights: { seed: 1 } })
    .graph,
);

async function onNode(device: string): Promise<readonly number[]> {
  await using model = await open(await bytes, { device });
  const data = Float32Array.from(DATA);
  const { logits } = await model.run({ input: { dtype: "float32", shape: [1, 3, 32, 32], data } });
  return Array.from(logits?.data ?? [], Number);
}

function expectSame(there: readonly number[], here: readonly number[], what: string): void {
  const scale = Math.max(...here.map(Math.abs));
  const difference = Math.max(...here.map((x, i) => Math.abs(x - (there[i] ?? Number.NaN)))) / scale;
  console.log(`${what}: logits differ from cpu's by ${difference.toExponential(1)} of the largest`);
  expect(difference).toBeLessThan(1e-4);
}

/** A software adapter takes a third of a minute for it. */
const inCi = Boolean(process.env.CI);
test.skipIf(!inCi)("a mobile network predicts the same in Node on wasm and webgpu as on cpu", async () => {
  const cpu = await onNode("cpu");
  expect(cpu).toHaveLength(10);
  expectSame(await onNode("wasm"), cpu, "wasm in Node");
  const available = await providers.all.find(({ name }) => name === "webgpu")?.available();
  if (available === true) expectSame(await onNode("webgpu"), cpu, "webgpu in Node");
  else console.warn(`webgpu in Node is skipped: ${available ? sentence(available) : ""}`);
});

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser || !inCi)("in Chromium", () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    const files = new Map<string, Uint8Array>([["/model.onnx", await bytes]]);
    for (const [name, content] of (await bundle(PAGE, { splitting: true })).files) files.set(`/${name}`, content);
    const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    for (const name of ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"])
      files.set(`/${name}`, await readFile(join(runtime, name)));
    [site, browser] = await Promise.all([serve(files), launch(ACCELERATED)]);
    site.page("/page.html", "/entry.js", "'self' 'wasm-unsafe-eval'");
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test.each(["wasm", "webgpu"])("and on %s", async (device) => {
    const cpu = await onNode("cpu");
    const page = await newPage(browser);
    try {
      await page.goto(`${site.origin}/page.html`);
      await page.waitForFunction("globalThis.done !== undefined");
      const there = (await page.evaluate(`done("${device}")`)) as { readonly logits: readonly number[] };
      expect(there).toMatchObject({ provider: device });
      expectSame(there.logits, cpu, `${device} in Chromium`);
    } finally {
      await page.close();
    }
  });
});
