import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
// The built package, since it is what a page gets.
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { sentence, type Unavailable } from "../../dist/src/infer/provider.js";
import { open } from "../../dist/src/node.js";
import type { Attempt, Placement } from "../../src/infer/session.js";
import { oneBlock } from "../infer/one-block.js";
import { bundle } from "../package/bundle.js";
import { ACCELERATED, launch, newPage, noBrowser } from "./chromium.js";
import { type Site, serve } from "./site.js";

/** Every function answers with its result or with the message of what it throws. */
const PAGE = `
import { open } from "se-onnx/web";
import { providers } from "./dist/src/infer/web/providers/index.js";
const tried = (f) => async (...args) => { try { return await f(...args); } catch (e) { return e.name + ": " + e.message; } };
const feed = (data) => ({ input: { dtype: "float32", shape: [1, 3, 32, 32], data: Float32Array.from(data) } });
let model;
globalThis.done = {
  available: tried((name) => providers.all.find((p) => p.name === name).available()),
  open: tried(async (options, url = "/model.onnx") => { model = await open(url, options); const { provider, fallback, tried } = model; return { provider, fallback, tried }; }),
  run: tried(async (feeds) => Promise.all(feeds.map(async (data) => Array.from((await model.run(feed(data))).logits.data)))),
  placement: tried(() => model.placement()),
  close: tried(() => model.close()),
  isolated: () => crossOriginIsolated,
};
`;
const NAMES = ["wasm", "webgpu", "webnn"] as const;

/** An image with values in [-0.5, 0.5]. */
const image = (seed: number): readonly number[] =>
  Array.from({ length: 3 * 32 * 32 }, (_, i) => (((i + seed) * 7919) % 1009) / 1008 - 0.5);
const IMAGES = [image(0), image(500)];

interface Opened {
  readonly provider: string;
  readonly fallback: boolean;
  readonly tried: readonly Attempt[];
}

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("in Chromium", () => {
  let expected: number[][];
  let plain: Browser;
  let accelerated: Browser;
  let site: Site;
  let isolated: Site;

  beforeAll(async () => {
    // The batch is fixed, since WebNN wants every length known.
    const { graph } = buildModel("cifar_resnet20", cifar_resnet20, { batch: 1, weights: { seed: 1 } });
    const bytes = await encodeToBytes(graph);
    const model = await open(bytes);
    expected = await Promise.all(
      IMAGES.map(async (data) => {
        const { logits } = await model.run({
          input: { dtype: "float32", shape: [1, 3, 32, 32], data: Float32Array.from(data) },
        });
        return Array.from(logits?.data ?? [], Number);
      }),
    );
    await model.close();
    const { files: scripts } = await bundle(PAGE, { splitting: true });
    const files = new Map<string, Uint8Array>([
      ["/model.onnx", bytes],
      ["/block.onnx", await encodeToBytes(oneBlock())],
    ]);
    for (const [name, content] of scripts) files.set(`/${name}`, content);
    const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    for (const name of ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"])
      files.set(`/${name}`, await readFile(join(runtime, name)));
    [site, isolated, plain, accelerated] = await Promise.all([
      serve(files),
      serve(files, { isolated: true }),
      launch(),
      launch(ACCELERATED),
    ]);
    for (const s of [site, isolated]) s.page("/page.html", "/entry.js", "'self' 'wasm-unsafe-eval'");
  });
  afterAll(async () => {
    for (const closing of [plain, accelerated, site, isolated]) await closing?.close();
  });

  async function visit(browser: Browser, { origin }: Site) {
    const page = await newPage(browser);
    page.on("pageerror", (e) => console.error(e));
    await page.goto(`${origin}/page.html`);
    await page.waitForFunction("globalThis.done !== undefined");
    const call = (name: string, ...args: readonly unknown[]): Promise<unknown> =>
      page.evaluate(`done.${name}(${args.map((a) => JSON.stringify(a)).join(", ")})`);
    return { page, call };
  }
  /** Closes the page however the test ends. */
  async function on(
    browser: Browser,
    where: Site,
    work: (call: (name: string, ...args: readonly unknown[]) => Promise<unknown>, page: Page) => Promise<void>,
  ): Promise<void> {
    const { page, call } = await visit(browser, where);
    try {
      await work(call, page);
    } finally {
      await page.close();
    }
  }

  test.each(NAMES)("%s gives the logits of Node's cpu, or says why not", async (name) => {
    await on(accelerated, site, async (call) => {
      const available = (await call("available", name)) as true | Unavailable;
      if (available !== true) {
        console.warn(`${name} is skipped: ${sentence(available)}`);
        expect(await call("open", { device: name })).toBe(`UserError: ${sentence(available)}`);
        return;
      }
      const opened = (await call("open", { device: name })) as Opened; // the second of the page: the first told that it is available
      expect(opened).toMatchObject({ provider: name, tried: [] });
      const logits = (await call("run", IMAGES)) as number[][];
      const difference = relative(logits, expected);
      console.log(
        `${name}: logits differ by ${difference.toExponential(1)} of the largest, fallback ${opened.fallback}`,
      );
      expect(difference).toBeLessThan(1e-4);
      await call("close");
      expect(await call("run", IMAGES)).toBe("UserError: the session is closed");
    });
  });

  test.each(NAMES)("%s tells which nodes it ran", async (name) => {
    await on(accelerated, site, async (call) => {
      const opened = (await call("open", { device: name }, "/block.onnx")) as Opened;
      if (typeof opened === "string") return console.warn(`${name} is skipped: ${opened}`);
      const placement = (await call("placement")) as Placement;
      console.log(`${name}: ${JSON.stringify(placement)}`);
      expect(placement[name]?.nodes).toBeGreaterThan(0);
      expect(Object.keys(placement).length).toBe(opened.fallback ? 2 : 1);
    });
  });

  test("without WebGPU, auto runs wasm and keeps why", async () => {
    await on(plain, site, async (call) => {
      const opened = (await call("open", { device: "auto" })) as Opened;
      expect(opened.provider).toBe("wasm");
      expect(opened.tried).toEqual([
        { device: "webgpu", reason: expect.stringMatching(/WebGPU.*: choose the device wasm/) as string },
      ]);
      expect(await call("open", { device: "gpu" })).toMatch(/^UserError: no device works: webgpu: .*; webnn: .*WebNN/);
      expect(await call("open", { device: ["webgpu", "wasm"], strict: true })).toBe(
        `UserError: ${opened.tried[0]?.reason}; strict tries no other (wasm)`,
      );
    });
  });

  test("several threads run in an isolated page, and are refused in another", async () => {
    await on(plain, site, async (call) => {
      expect(await call("open", { threads: 2 })).toMatch(
        /^UserError: 2 threads need a cross-origin isolated page: serve/,
      );
    });
    await on(plain, isolated, async (call, page) => {
      expect(await call("isolated")).toBe(true);
      expect(await call("open", { threads: 2 })).toMatchObject({ provider: "wasm" });
      expect(page.workers().length).toBe(1); // the second thread
      expect(relative((await call("run", IMAGES)) as number[][], expected)).toBeLessThan(1e-4);
    });
  });
});

/** Largest difference over the largest magnitude. */
function relative(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const [left, right] = [a.flat(), b.flat()];
  expect(left.length, JSON.stringify(a).slice(0, 300)).toBe(right.length);
  const scale = Math.max(...right.map(Math.abs));
  return Math.max(...left.map((x, i) => Math.abs(x - (right[i] ?? Number.NaN)))) / scale;
}
