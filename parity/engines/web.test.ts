import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
// The built package, since it is what a page gets.
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { decodeImage, open } from "../../dist/src/node.js";
import { photo } from "../../test/cli/se-onnx.js";
import { bundle, root } from "../../test/package/bundle.js";
import { type Site, serve } from "../../test/web/site.js";
import { pageOf } from "./page.js";
import { inEachEngine } from "./suite.js";

/** Every function answers with its result or with the message of what it throws. */
const PAGE = `
import { buildModel, encodeToBytes } from "se-onnx";
import { cifar_resnet20 } from "se-onnx/models/cifar-resnet";
import { decodeImage, open } from "se-onnx/web";
const blob = async (url) => (await fetch(url)).blob();
const hex = async (data) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", data)), (b) => b.toString(16).padStart(2, "0")).join("");
const tried = (f) => async (...args) => { try { return await f(...args); } catch (e) { return e.name + ": " + e.message; } };
const feed = (data) => ({ input: { dtype: "float32", shape: [1, 3, 32, 32], data: Float32Array.from(data) } });
let model;
globalThis.done = {
  isolated: () => crossOriginIsolated,
  build: tried(async () => hex(await encodeToBytes(buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } }).graph))),
  open: tried(async (options) => { model = await open("/model.onnx", options); return { provider: model.provider, tried: model.tried }; }),
  logits: tried(async (feeds) => Promise.all(feeds.map(async (data) => Array.from((await model.run(feed(data))).logits.data)))),
  classify: tried(async (url) => (await model.classify(await blob(url), { topK: 10 })).predictions),
  pixels: tried(async (url) => { const { width, height, data } = await decodeImage(await blob(url)); return { width, height, sha256: await hex(data), data: Array.from(data.subarray(0, 30000)) }; }),
  webgpu: tried(async () => { const opened = await open("/model.onnx", { device: "webgpu" }); const { logits } = await opened.run(feed("DATA")); await opened.close(); return Array.from(logits.data); }),
};
`;

const EXACT = [
  "/photos/chelsea.png",
  ...["palette-transparent.png", "icc.png", "lossless.webp"].map((n) => `/infer/goldens/images/${n}`),
];
/** Exact where the engine has WebGL 2 for what is transparent, and turns a PNG by its EXIF orientation. */
const HARD = ["rgba.png", "16-bit-la.png", "orientation-6.png"].map((n) => `/infer/goldens/images/${n}`);
const JPEG = "/photos/rocket.jpg";
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** An image with values in [-0.5, 0.5]. */
const image = (seed: number): readonly number[] =>
  Array.from({ length: 3 * 32 * 32 }, (_, i) => (((i + seed) * 7919) % 1009) / 1008 - 0.5);
const IMAGES = [image(0), image(500)];

let bytes: Uint8Array;
let expected: number[][];
let scores: readonly number[];
let plain: Site;
let isolated: Site;
beforeAll(async () => {
  bytes = await encodeToBytes(buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } }).graph);
  await using model = await open(bytes);
  expected = await Promise.all(
    IMAGES.map(async (data) => {
      const { logits } = await model.run({
        input: { dtype: "float32", shape: [1, 3, 32, 32], data: Float32Array.from(data) },
      });
      return Array.from(logits?.data ?? [], Number);
    }),
  );
  const { predictions } = await model.classify(photo("chelsea.png"), { topK: 10 });
  scores = byClass(predictions);
  const files = new Map<string, Uint8Array>([["/model.onnx", bytes]]);
  const { files: scripts } = await bundle(PAGE.replace('"DATA"', JSON.stringify(image(0))), { splitting: true });
  for (const [name, content] of scripts) files.set(`/${name}`, content);
  const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
  for (const name of ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"])
    files.set(`/${name}`, await readFile(join(runtime, name)));
  for (const path of [...EXACT, ...HARD, JPEG]) files.set(path, await readFile(join(root, "test", path)));
  [plain, isolated] = await Promise.all([serve(files), serve(files, { isolated: true })]);
  for (const site of [plain, isolated]) site.page("/page.html", "/entry.js", "'self' 'wasm-unsafe-eval'");
});
afterAll(async () => {
  await plain?.close();
  await isolated?.close();
});

inEachEngine((tried) => {
  async function visit({ origin }: Site) {
    const { driver } = tried().browser;
    await driver.get(`${origin}/page.html`);
    const page = pageOf(driver);
    await page.until("globalThis.done");
    const call = <T>(name: string, ...args: readonly unknown[]): Promise<T> =>
      page.evaluate(`done.${name}(${args.map((a) => JSON.stringify(a)).join(", ")})`);
    return { page, call };
  }

  test("builds the bytes that Node builds", async ({ task }) => {
    const { call } = await visit(plain);
    expect(await call("build")).toBe(sha256(bytes));
    tried().found(task, "equal");
  });

  test("wasm, one thread: logits against Node's cpu", async ({ task }) => {
    const { page, call } = await visit(plain);
    expect(await call("open", {})).toEqual({ provider: "wasm", tried: [] });
    const difference = relative(await call("logits", IMAGES), expected);
    expect(difference).toBeLessThan(1e-4);
    expect(relative([expected[0] ?? []], [expected[1] ?? []])).toBeGreaterThan(1e-2); // so the comparison can fail
    expect(await page.evaluate("violations.filter((v) => v.startsWith('script-src'))")).toEqual([]);
    tried().found(task, difference.toExponential(1));
  });

  test("wasm, one thread: scores of a photograph against Node's", async ({ task }) => {
    const { call } = await visit(plain);
    await call("open", {});
    const difference = relative([byClass(await call("classify", "/photos/chelsea.png"))], [scores]);
    expect(difference).toBeLessThan(1e-4);
    tried().found(task, difference.toExponential(1));
  });

  test("wasm, two threads on an isolated page: logits against Node's cpu", async ({ task }) => {
    const { call } = await visit(isolated);
    expect(await call("isolated")).toBe(true);
    expect(await call("open", { threads: 2 })).toEqual({ provider: "wasm", tried: [] });
    const difference = relative(await call("logits", IMAGES), expected);
    expect(difference).toBeLessThan(1e-4);
    tried().found(task, difference.toExponential(1));
  });

  test("two threads on another page: refused", async ({ task }) => {
    const { call } = await visit(plain);
    expect(await call("open", { threads: 2 })).toMatch(
      /^UserError: 2 threads need a cross-origin isolated page: serve/,
    );
    tried().found(task, "a sentence");
  });

  test("webgpu: logits against Node's cpu, or why not; auto then runs wasm", async ({ task }) => {
    const { call } = await visit(plain);
    const found = await call<readonly number[] | string>("webgpu");
    if (typeof found === "string") {
      expect(found).toMatch(/^UserError: .*WebGPU.*: choose the device wasm/);
      expect(await call("open", { device: "auto" })).toMatchObject({ provider: "wasm", tried: [{ device: "webgpu" }] });
      return tried().found(task, found.replace(/^UserError: (.*?):.*/, "$1; wasm instead"));
    }
    const difference = relative([found], [expected[0] ?? []]);
    expect(difference).toBeLessThan(1e-4);
    tried().found(task, difference.toExponential(1));
  });

  /** What differs in which picture. */
  async function differing(paths: readonly string[]): Promise<readonly string[]> {
    const { call } = await visit(plain);
    const found: string[] = [];
    for (const path of paths) {
      const { data } = await decodeImage(join(root, "test", path));
      const there = await call<Picture | string>("pixels", path);
      if (typeof there === "string") found.push(`${path}: ${there}`);
      else if (there.sha256 !== sha256(data)) found.push(path.replace(/.*\//, ""));
    }
    return found;
  }

  test("pixels of opaque and palette PNG, of one with a profile, of lossless WebP: those of Node", async ({ task }) => {
    expect(await differing(EXACT)).toEqual([]);
    tried().found(task, "equal");
  });

  test("pixels of PNG with alpha, of 16 bits with alpha, with an EXIF orientation", async ({ task }) => {
    const found = await differing(HARD);
    if (tried().engine === "Chromium") expect(found).toEqual([]);
    expect(found.filter((name) => name.includes(": "))).toEqual([]); // and no error
    tried().found(task, found.length ? `not those of Node: ${found.join(", ")}` : "equal");
  });

  test("pixels of a JPEG: how far the browser's own decoder is from Node's", async ({ task }) => {
    const { call } = await visit(plain);
    const { width, height, data } = await decodeImage(join(root, "test", JPEG));
    const there = await call<Picture>("pixels", JPEG);
    expect(there).toMatchObject({ width, height });
    const differences = there.data.map((x, i) => Math.abs(x - (data[i] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(8);
    tried().found(task, `at most ${Math.max(...differences)} of 255`);
  });
});

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
  /** The first 10,000 pixels. */
  readonly data: readonly number[];
}

const byClass = (predictions: readonly { readonly index: number; readonly score: number }[]): readonly number[] =>
  [...predictions].sort((a, b) => a.index - b.index).map(({ score }) => score);

/** Largest difference over the largest magnitude. */
function relative(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const [left, right] = [a.flat(), b.flat()];
  expect(left.length, JSON.stringify(a).slice(0, 300)).toBe(right.length);
  const scale = Math.max(...right.map(Math.abs));
  return Math.max(...left.map((x, i) => Math.abs(x - (right[i] ?? Number.NaN)))) / scale;
}
