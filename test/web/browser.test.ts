import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resnet18 } from "../../dist/models/resnet.js";
// The built package, since it is what a page gets.
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { decodeImage, open } from "../../dist/src/node.js";
import type { Prediction } from "../../src/infer/predict.js";
import { photo } from "../cli/se-onnx.js";
import { bundle, root } from "../package/bundle.js";
import { launch, newPage, noBrowser } from "./chromium.js";
import { type Site, serve } from "./site.js";

const BUILD = `
import { buildModel, encodeToBytes } from "se-onnx";
import { resnet18 } from "se-onnx/models/resnet";
let mayEval = true;
try { (0, eval)("1"); } catch { mayEval = false; }
const { graph } = buildModel("resnet18", resnet18, { inputSize: 64, classes: 10, weights: { seed: 0 } });
const bytes = await encodeToBytes(graph);
const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
globalThis.done = { mayEval, length: bytes.length, sha256: Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("") };
`;

/** Every function answers with its result or with the message of what it throws. */
const OPEN = `
import { decodeImage, open } from "se-onnx/web";
const blob = async (url) => (await fetch(url)).blob();
const hex = async (data) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", data)), (b) => b.toString(16).padStart(2, "0")).join("");
const tried = (f) => async (...args) => { try { return await f(...args); } catch (e) { return e.name + ": " + e.message; } };
let model;
globalThis.done = {
  open: tried(async (url, options) => { model = await open(url, options); const { provider, inputs, outputs, setup } = model; return { provider, inputs, outputs, setup }; }),
  logits: tried(async (feeds) => Promise.all(feeds.map(async (data) => Array.from((await model.run({ input: { dtype: "float32", shape: [1, 3, 64, 64], data: Float32Array.from(data) } })).logits.data)))),
  wrongShape: tried(() => model.run({ input: { dtype: "float32", shape: [1, 3, 8], data: new Float32Array(24) } })),
  classify: tried(async (urls) => (await model.classify(await Promise.all(urls.map(blob)), { topK: 3 })).map((c) => c.predictions)),
  pixels: tried(async (url) => { const { width, height, data } = await decodeImage(await blob(url)); return { width, height, sha256: await hex(data) }; }),
  bitmap: tried(async (url) => hex((await decodeImage(await createImageBitmap(await blob(url), { colorSpaceConversion: "none" }))).data)),
  close: tried(async () => { await model.close(); await model.close(); return model.run({}); }),
};
`;

const OPAQUE = "/photos/chelsea.png";
const IMAGES = [
  OPAQUE,
  "/photos/rocket.jpg",
  ...["rgba", "palette-transparent", "16-bit-la", "icc", "orientation-6"].map((n) => `/infer/goldens/images/${n}.png`),
];
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** An image tensor with values in [-0.5, 0.5]. */
const feed = (seed: number): Float32Array =>
  Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => (((i + seed) * 7919) % 1009) / 1008 - 0.5);

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("in Chromium", () => {
  let bytes: Uint8Array;
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    const wasm = join(
      dirname(createRequire(import.meta.url).resolve("onnxruntime-web")),
      "ort-wasm-simd-threaded.wasm",
    );
    const [build, run] = await Promise.all([bundle(BUILD), bundle(OPEN, { splitting: true })]);
    bytes = await encodeToBytes(
      buildModel("resnet18", resnet18, { inputSize: 64, classes: 10, weights: { seed: 0 } }).graph,
    );
    const files = new Map<string, Uint8Array>([
      ["/model.onnx", bytes],
      ["/broken.onnx", bytes.slice(0, 5000)],
      ["/ort-wasm-simd-threaded.wasm", await readFile(wasm)],
    ]);
    for (const [name, content] of run.files) files.set(`/${name}`, content);
    for (const [name, content] of build.files) files.set(`/build/${name}`, content);
    for (const path of IMAGES) files.set(path, await readFile(join(root, "test", path)));
    [site, browser] = await Promise.all([serve(files), launch()]);
    site.page("/build.html", "/build/entry.js", "'self'");
    site.page("/strict.html", "/entry.js", "'self'");
    site.page("/run.html", "/entry.js", "'self' 'wasm-unsafe-eval'");
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** A page whose script has set `done`, and a way to call its functions. */
  async function visit(path: string) {
    const page = await newPage(browser);
    const errors: Error[] = [];
    page.on("pageerror", (e) => errors.push(e));
    await page.goto(site.origin + path);
    await page.waitForFunction("globalThis.done !== undefined").catch(() => {});
    expect(errors).toEqual([]);
    const call = (name: string, ...args: readonly unknown[]): Promise<unknown> =>
      page.evaluate(`done.${name}(${args.map((a) => JSON.stringify(a)).join(", ")})`);
    return { page, call };
  }

  test("a page without unsafe-eval builds the same bytes as Node", async () => {
    const { page } = await visit("/build.html");
    expect(await page.evaluate("done")).toEqual({ mayEval: false, length: bytes.length, sha256: sha256(bytes) });
    // The page's own try: nothing that builds a network asks for it.
    const refused = await page.evaluate("violations.filter((v) => v.startsWith('script-src'))");
    expect(refused).toEqual(["script-src eval"]);
    await page.close();
  });

  test("a page that may not compile WebAssembly is told so", async () => {
    const { page, call } = await visit("/strict.html");
    expect(await call("open", "/model.onnx")).toMatch(
      /^UserError: the page may not compile WebAssembly: add 'wasm-unsafe-eval'/,
    );
    await page.close();
  });

  test("se-onnx/web gives the logits and classes that se-onnx/node gives", async () => {
    const { page, call } = await visit("/run.html");
    const model = await open(bytes);
    const { inputs, outputs, setup } = model;
    expect(await call("open", "/model.onnx")).toEqual({ provider: "wasm", inputs, outputs, setup });

    const feeds = [feed(0), feed(500)];
    const there = (await call(
      "logits",
      feeds.map((f) => Array.from(f)),
    )) as number[][]; // runs asked for at once
    const here: number[][] = [];
    for (const data of feeds) {
      const { logits } = await model.run({ input: { dtype: "float32", shape: [1, 3, 64, 64], data } });
      here.push(Array.from(logits?.data ?? [], Number));
    }
    const difference = relative(there, here);
    console.log(`logits in Chromium and in Node differ by ${difference.toExponential(1)} of the largest`);
    expect(difference).toBeLessThan(1e-4);
    expect(relative([here[0] ?? []], [here[1] ?? []])).toBeGreaterThan(1e-2); // so the comparison can fail

    const predicted = (await call("classify", [OPAQUE, "/photos/rocket.jpg"])) as Prediction[][];
    const expected = await model.classify([photo("chelsea.png"), photo("rocket.jpg")], { topK: 3 });
    expect(predicted.map((p) => p.map((c) => c.index))).toEqual(expected.map((c) => c.predictions.map((p) => p.index)));
    predicted.flat().forEach((p, i) => {
      expect(p.score).toBeCloseTo(expected.flatMap((c) => c.predictions)[i]?.score ?? Number.NaN, 4);
    });
    await model.close();

    expect(await call("wrongShape")).toMatch(/^UserError: ONNX Runtime could not run the model: ./);
    expect(await call("close")).toBe("UserError: the session is closed");
    expect(await page.evaluate("violations.filter((v) => v.startsWith('script-src'))")).toEqual([]);
    await page.close();
  });

  test("pictures come out as in Node: alpha dropped, profile ignored, upright", async () => {
    const { page, call } = await visit("/run.html");
    for (const path of IMAGES.filter((image) => image.endsWith(".png"))) {
      const { width, height, data } = await decodeImage(join(root, "test", path));
      expect(await call("pixels", path), path).toEqual({ width, height, sha256: sha256(data) });
    }
    expect(await call("bitmap", OPAQUE)).toBe(sha256((await decodeImage(photo("chelsea.png"))).data));
    expect(await call("pixels", "/model.onnx")).toMatch(
      /^UserError: the image cannot be decoded by this browser: give a JPEG/,
    );
    await page.close();
  });

  test("what cannot be opened is named", async () => {
    const { page, call } = await visit("/run.html");
    expect(await call("open", "/nowhere.onnx")).toBe(
      "UserError: '/nowhere.onnx' could not be fetched (the server answers 404 Not Found): see that the file is there",
    );
    expect(await call("open", "/broken.onnx")).toMatch(
      /^UserError: '\/broken.onnx' cannot be read as an ONNX model: .+\(at byte \d+\)$/,
    );
    expect(await call("open", "/model.onnx", { device: "cpu" })).toMatch(
      /^UserError: there is no device 'cpu': choose .*wasm/,
    );
    await page.close();
  });
});

/** Largest difference over the largest magnitude. */
function relative(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const [left, right] = [a.flat(), b.flat()];
  expect(left.length).toBe(right.length);
  const scale = Math.max(...right.map(Math.abs));
  return Math.max(...left.map((x, i) => Math.abs(x - (right[i] ?? Number.NaN)))) / scale;
}
