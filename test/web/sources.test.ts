import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
// The built package, since it is what a page gets.
import { buildModel } from "../../dist/src/index.js";
import { cam, decodeImage, gates, open, writeModel } from "../../dist/src/node.js";
import type { Prediction } from "../../src/infer/predict.js";
import { photo, temporaryFolder } from "../cli/se-onnx.js";
import { bundle } from "../package/bundle.js";
import { launch, newPage, noBrowser } from "./chromium.js";
import { type Site, serve } from "./site.js";

/** `models` gives a model, and `pictures` a picture, in every way that a page has it. Every function answers with its result or with the message of what it throws. */
const PAGE = `
import { buildModel, f32, Graph, matMul } from "se-onnx";
import { cifar_resnet20 } from "se-onnx/models/cifar-resnet";
import { cam, decodeImage, gates, open } from "se-onnx/web";
const blob = async (url) => (await fetch(url)).blob();
const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
const tried = (f) => async (...args) => { try { return await f(...args); } catch (e) { return e.name + ": " + e.message; } };
const hex = async (data) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", data)), (b) => b.toString(16).padStart(2, "0")).join("");
const element = (name, fields) => Object.assign(document.createElement(name), fields);
const image = (src) => element("img", { src });
const drawn = async (canvas, url) => { const b = await createImageBitmap(await blob(url), { colorSpaceConversion: "none" }); Object.assign(canvas, { width: b.width, height: b.height }); canvas.getContext("2d").drawImage(b, 0, 0); return canvas; };
const video = async (url) => {
  const canvas = await drawn(element("canvas"), url);
  const shown = element("video", { srcObject: canvas.captureStream(30), muted: true });
  const loaded = new Promise((resolve) => { shown.onloadeddata = resolve; });
  const timer = setInterval(() => canvas.getContext("2d").fillRect(0, 0, 0, 0), 20); // a stream has a frame where the canvas is drawn on
  await shown.play();
  await loaded;
  clearInterval(timer);
  return shown;
};
const models = {
  url: (url) => url,
  URL: (url) => new URL(url, location.href),
  Blob: blob,
  File: async (url) => new File([await blob(url)], "model.onnx"),
  bytes,
  Graph: () => buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } }).graph,
};
const pictures = {
  url: (url) => url,
  URL: (url) => new URL(url, location.href),
  Blob: blob,
  File: async (url) => new File([await blob(url)], "picture.png"),
  HTMLImageElement: image,
  HTMLCanvasElement: (url) => drawn(element("canvas"), url),
  OffscreenCanvas: (url) => drawn(new OffscreenCanvas(1, 1), url),
  ImageBitmap: async (url) => createImageBitmap(await blob(url), { colorSpaceConversion: "none" }),
  ImageData: async (url) => { const c = await drawn(new OffscreenCanvas(1, 1), url); return c.getContext("2d").getImageData(0, 0, c.width, c.height); },
  VideoFrame: async (url) => new VideoFrame(await drawn(new OffscreenCanvas(1, 1), url), { timestamp: 0 }),
  HTMLVideoElement: video,
  Pixels: async (url) => decodeImage(url),
};
const feeds = (data) => ({ input: { dtype: "float32", shape: [1, 3, 32, 32], data: Float32Array.from(data) } });
const logits = async (model, data) => { await using m = await open(model.source ?? model, model.options); return Array.from((await m.run(feeds(data))).logits.data); };
let model;
globalThis.done = {
  models: Object.keys(models),
  pictures: Object.keys(pictures),
  logits: tried(async (kind, url, data) => logits(await models[kind](url), data)),
  external: tried(async (url, path, given, data) => {
    const file = given && { url: given, Blob: await blob(given), bytes: await bytes(given) };
    const sources = given ? [[await bytes(url), file.url], [await blob(url), file.Blob], [new URL(url, location.href), file.bytes]] : [[url, null]];
    const all = [];
    for (const [source, data_] of sources) all.push(await logits({ source, options: data_ ? { externalData: [{ path, data: data_ }] } : {} }, data));
    return all;
  }),
  openBytes: tried(async (url) => open(await bytes(url))),
  open: tried(async (url, options) => { model = await open(url, options); await model.warmup(); return model.provider; }),
  gates: tried(async (url, picture) => {
    const graph = models.Graph();
    const outputs = graph.outputs.length;
    const given = [await gates(url, [picture, image(picture), "/text.png"]), await gates(graph, [{ image: await blob(picture), className: "cat" }])];
    return { reports: given.map((r) => ({ images: r.images, failures: r.failures, classes: r.blocks[0].classes.length, gates: r.blocks.map((b) => b.gates) })), unchanged: graph.outputs.length === outputs };
  }),
  cam: tried(async (url, picture) => { const { map, score, region, image } = await cam(url, picture); return { index: map.index, score, region, width: image.width, map: Array.from(map.data) }; }),
  openOdd: tried((given) => open(given)),
  classify: tried(async (url) => {
    const given = await Promise.all(Object.values(pictures).map((f) => f(url)));
    const [one, list] = [await model.classify(given[0]), await model.classify(given)];
    const streamed = [];
    for await (const c of model.classify((async function* () { yield* given; })(), { batch: 3 })) streamed.push(c);
    return [[one], list, streamed].map((cs) => cs.map((c) => c.error?.message ?? c.predictions));
  }),
  pixels: tried(async (kind, url) => { const { width, height, data } = await decodeImage(await pictures[kind](url)); return { width, height, sha256: await hex(data), data: data.length, near: Array.from(data.subarray(0, 3000)) }; }),
  classifyOdd: tried((given) => model.classify(given)),
  brokenImage: tried((src) => model.classify(image(src))),
  foreignImage: tried((src) => model.classify(image(src))),
  emptyCanvas: tried(() => model.classify(element("canvas", { width: 0, height: 0 }))),
  emptyVideo: tried(() => model.classify(element("video"))),
  hugeCanvas: tried(() => model.classify(new OffscreenCanvas(20_000, 20_000))),
  mixed: tried(async (urls) => (await model.classify(await Promise.all(urls.map(blob)))).map((c) => c.error?.message ?? c.predictions.length)),
  aborted: tried((url) => { const given = new AbortController(); const all = model.classify([url, url, url], { signal: given.signal }); given.abort(new Error("enough")); return all; }),
  product: tried(async (sizes) => {
    const graph = new Graph("outer product");
    graph.output(matMul(graph.input("a", f32("n", 1)), graph.input("b", f32(1, "n"))), "output");
    await using m = await open(graph);
    const run = async (n) => { const data = new Float32Array(n).fill(2); return Array.from((await m.run({ a: { dtype: "float32", shape: [n, 1], data }, b: { dtype: "float32", shape: [1, n], data } })).output.data); };
    return await Promise.all(sizes.map(tried(run)));
  }),
};
`;

const PHOTO = "/chelsea.png";
/** An image with values in [-0.5, 0.5]. */
const DATA = Array.from({ length: 3 * 32 * 32 }, (_, i) => ((i * 7919) % 1009) / 1008 - 0.5);
type Call = (name: string, ...args: readonly unknown[]) => Promise<unknown>;

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("in Chromium", () => {
  let expected: readonly number[];
  let predicted: readonly Prediction[];
  let dataFile: string;
  let browser: Browser;
  let site: Site;
  let other: Site;
  let page: Page;
  const call: Call = (name, ...args) => page.evaluate(`done.${name}(${args.map((a) => JSON.stringify(a)).join(", ")})`);

  beforeAll(async () => {
    const folder = await temporaryFolder();
    const { graph } = buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } });
    await writeModel(graph, join(folder, "model.onnx"));
    await writeModel(graph, join(folder, "external.onnx"), { externalData: true });
    const features = buildModel("cifar_resnet20", cifar_resnet20, { classes: 0, weights: { seed: 1 } });
    await writeModel(features.graph, join(folder, "features.onnx"));
    const model = await open(graph); // a graph, as the page has it
    const { logits } = await model.run({
      input: { dtype: "float32", shape: [1, 3, 32, 32], data: Float32Array.from(DATA) },
    });
    expected = Array.from(logits?.data ?? [], Number);
    predicted = (await model.classify(photo("chelsea.png"))).predictions;
    await model.close();

    const files = new Map<string, Uint8Array>();
    for (const name of await readdir(folder)) files.set(`/${name}`, await readFile(join(folder, name)));
    dataFile = (await readdir(folder)).find((name) => name.endsWith(".data")) ?? "";
    files.set("/elsewhere.data", files.get(`/${dataFile}`) ?? new Uint8Array());
    files.set("/moved/external.onnx", files.get("/external.onnx") ?? new Uint8Array());
    files.set(PHOTO, await readFile(photo("chelsea.png")));
    files.set("/cut.png", (await readFile(photo("chelsea.png"))).subarray(0, 50));
    files.set("/text.png", Buffer.from("this is no picture"));
    for (const [name, content] of (await bundle(PAGE, { splitting: true })).files) files.set(`/${name}`, content);
    const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    files.set("/ort-wasm-simd-threaded.wasm", await readFile(join(runtime, "ort-wasm-simd-threaded.wasm")));
    [site, other, browser] = await Promise.all([serve(files), serve(files), launch()]);
    site.page("/page.html", "/entry.js", "'self' 'wasm-unsafe-eval'");
    page = await newPage(browser);
    page.on("pageerror", (e) => console.error(e));
    await page.goto(`${site.origin}/page.html`);
    await page.waitForFunction("globalThis.done !== undefined");
  });
  afterAll(async () => {
    for (const closing of [browser, site, other]) await closing?.close();
  });

  test("a model is opened as its URL, a Blob, a File, bytes and a graph", async () => {
    const kinds = (await page.evaluate("done.models")) as readonly string[];
    expect(kinds).toHaveLength(6);
    for (const kind of kinds) expectClose(await call("logits", kind, "/model.onnx", DATA), expected, kind);
  });

  test("tensors in other files are fetched from beside it, or given", async () => {
    const [beside] = (await call("external", "/external.onnx", dataFile, null, DATA)) as number[][];
    expectClose(beside, expected, "beside");
    const given = await call("external", "/moved/external.onnx", dataFile, "/elsewhere.data", DATA);
    expect(given).toHaveLength(3);
    for (const logits of given as number[][]) expectClose(logits, expected, "given");
    expect(await call("openBytes", "/external.onnx")).toBe(
      `UserError: the model keeps tensors in '${dataFile}': give externalData: [{ path: "${dataFile}", data: … }], a URL, a File or its bytes`,
    );
    expect(await call("open", "/moved/external.onnx")).toMatch(
      /^UserError: '.moved.external.onnx' cannot be read as an ONNX model: '.*\/moved\/external-.*\.data' could not be fetched \(the server answers 404 Not Found\): see that the file is there$/,
    );
  });

  test("a picture is taken in every way that a page has it, alone, in an array and streamed", async () => {
    const { width, height, data } = await decodeImage(photo("chelsea.png"));
    const kinds = (await page.evaluate("done.pictures")) as readonly string[];
    expect(kinds).toHaveLength(12);
    for (const kind of kinds.filter((k) => !/Video|Pixels/.test(k)))
      expect(await call("pixels", kind, PHOTO), kind).toMatchObject({ width, height, sha256: sha256(data) });
    for (const kind of kinds.filter((k) => k.includes("Video"))) {
      const there = (await call("pixels", kind, PHOTO)) as { readonly width: number; readonly near: readonly number[] };
      expect(there.width, kind).toBe(width);
      expect(Math.max(...there.near.map((x, i) => Math.abs(x - (data[i] ?? Number.NaN)))), kind).toBeLessThan(40);
    }
    expect(await call("open", "/model.onnx", { device: ["webnn", "wasm"] })).toBe("wasm");
    const [one, list, streamed] = (await call("classify", PHOTO)) as Prediction[][][];
    expect([one, list, streamed].map((cs) => cs?.length)).toEqual([1, kinds.length, kinds.length]);
    for (const [i, there] of [...(one ?? []), ...(list ?? []), ...(streamed ?? [])].entries()) {
      expect(there.map((p) => p.label)).toEqual(predicted.map((p) => p.label));
      const place = (there[0] as Prediction).index;
      const tolerance = kinds[(i - 1) % kinds.length]?.includes("Video") ? 0.05 : 1e-5;
      const score = predicted.find((p) => p.index === place)?.score ?? Number.NaN;
      expect(Math.abs((there[0] as Prediction).score - score), String(i)).toBeLessThan(tolerance);
    }
  });

  test("gates and activation maps are those of Node", async () => {
    const { graph } = buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } });
    const here = await gates(graph, [photo("chelsea.png")]);
    const there = (await call("gates", "/model.onnx", PHOTO)) as {
      readonly reports: readonly Record<string, unknown>[];
      readonly unchanged: boolean;
    };
    expect(there, JSON.stringify(there)).toMatchObject({ unchanged: true });
    expect(there.reports).toMatchObject([
      { images: 2, classes: 0, failures: [expect.stringMatching(/^'\/text.png': the image cannot be decoded/)] },
      { images: 1, classes: 1, failures: [] },
    ]);
    for (const { gates: blocks } of there.reports as readonly { readonly gates: readonly number[][] }[]) {
      expect(blocks).toHaveLength(9);
      for (const [i, block] of blocks.entries()) expectClose(block, here.blocks[i]?.gates ?? [], `block ${i}`);
    }
    const seen = await cam(graph, photo("chelsea.png"));
    const map = (await call("cam", "/model.onnx", PHOTO)) as { readonly map: readonly number[] };
    expect(map).toMatchObject({ index: seen.map.index, region: seen.region, width: 451 });
    expectClose(map.map, Array.from(seen.map.data), "map");
  });

  test("what is no model, or not there, is named with what to do", async () => {
    expect(await call("open", "/nowhere.onnx")).toBe(
      "UserError: '/nowhere.onnx' could not be fetched (the server answers 404 Not Found): see that the file is there",
    );
    expect(await call("open", "/page.html")).toBe(
      "UserError: '/page.html' could not be fetched (the server answers with a web page): see that the file is among those that it serves",
    );
    expect(await call("open", `${other.origin}/model.onnx`)).toMatch(
      /^UserError: 'http.*model.onnx' could not be fetched \(.+\): see that the address is right, and that a server of another origin allows this page/,
    );
    expect(await call("open", "/text.png")).toMatch(/^UserError: '.text.png' cannot be read as an ONNX model: /);
    for (const odd of [7, null, { name: "model.onnx" }])
      expect(await call("openOdd", odd)).toBe(
        "UserError: a model is given as its URL, a File or Blob, the bytes of its file as a Uint8Array, or a Graph",
      );
  });

  test("a model that is no classifier says so", async () => {
    expect(await call("open", "/features.onnx")).toBe(
      "UserError: the model gives an embedding and no classes: use run for raw tensors (--input on the command line)",
    );
    expect(await call("classifyOdd", PHOTO)).toMatch(/^UserError: the model gives an embedding and no classes/);
  });

  test("a picture that is none has a sentence, and harms no other", async () => {
    expect(await call("open", "/model.onnx")).toBe("wasm");
    const undecodable = /: the image cannot be decoded by this browser: give a JPEG, PNG, WebP or GIF \(/;
    expect(await call("mixed", [PHOTO, "/text.png", "/cut.png", PHOTO])).toEqual([
      5,
      expect.stringMatching(undecodable),
      expect.stringMatching(undecodable),
      5,
    ]);
    expect(await call("classifyOdd", "/nowhere.png")).toBe(
      "UserError: '/nowhere.png' could not be fetched (the server answers 404 Not Found): see that the file is there",
    );
    expect(await call("classifyOdd", null)).toBe(
      "UserError: classify takes a picture, or several as an array or an iterable",
    );
    expect(await call("classifyOdd", [])).toEqual([]);
    expect(await call("brokenImage", "/text.png")).toMatch(/the image element shows no picture: give it the address/);
    expect(await call("foreignImage", `${other.origin}${PHOTO}`)).toMatch(
      /the page may not read the pixels of an image from another origin: load it with crossorigin="anonymous"/,
    );
    expect(await call("emptyVideo")).toMatch(/the video has no picture yet: wait for its event 'loadeddata'/);
    for (const name of ["emptyCanvas", "hugeCanvas"]) expect(await call(name)).toMatch(undecodable);
    expect(await call("aborted", PHOTO)).toBe("Error: enough");
  });

  test("more memory than there is ends in a sentence, and the session goes on", async () => {
    expect(await call("product", [2 ** 20, 1])).toEqual([
      expect.stringMatching(/^UserError: the memory does not suffice for these inputs: give fewer images at a time/),
      [4],
    ]);
  });
});

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
function expectClose(there: unknown, here: readonly number[], what: string): void {
  expect(Array.isArray(there), `${what}: ${JSON.stringify(there)?.slice(0, 300)}`).toBe(true);
  const scale = Math.max(...here.map(Math.abs));
  const difference = Math.max(...(there as number[]).map((x, i) => Math.abs(x - (here[i] ?? Number.NaN)))) / scale;
  expect(difference, what).toBeLessThan(1e-4);
}
