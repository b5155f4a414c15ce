import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// The built package, since it is what a page gets.
import { squeezeExcite } from "../../dist/models/se-block.js";
import { conv2d, linear } from "../../dist/src/graph/layers.js";
import { initialize } from "../../dist/src/graph/random.js";
import { Scope } from "../../dist/src/graph/scope.js";
import {
  cast,
  dataType,
  encodeToBytes,
  f32,
  flatten,
  Graph,
  globalAveragePool,
  lrn,
  tensorType,
} from "../../dist/src/index.js";
import { examplesIn, promised } from "../examples.js";
import { bundle, root } from "../package/bundle.js";
import { ACCELERATED, launch, newPage, noBrowser } from "./chromium.js";
import { type Site, serve } from "./site.js";

const [example] = examplesIn(await readFile(join(root, "docs", "api.md"), "utf8"), "js");
/** The example's own imports, and the rest as a function: it shares the page's runtime, whose shaders take seconds to compile. */
const [, imports, body] = /^(import [^;]+;)\n(.*)$/s.exec(example?.code ?? "") ?? [];

/** A page's functions answer with what they give, or with the message of what they throw. */
const PAGE = `
${imports}
import { open } from "se-onnx/web";
const image = (n, value = 1) => ({ dtype: "float32", shape: [n, 3, 8, 8], data: Float32Array.from({ length: n * 192 }, (_, i) => value * Math.sin(i)) });
const numbers = async (tensor) => Array.from(await tensor.read());
const told = (work) => Promise.resolve().then(work).catch((e) => e.name + ": " + e.message);
globalThis.done = {
  example: async () => { ${body} },
  image, numbers, told, gpuTensor, openOnGpu,
  open: async (url, feeds) => { const m = await open(url, { device: "webgpu" }); const { data } = Object.values(await m.run(feeds))[0]; await m.close(); return Array.from(data); },
  models: async () => { done.body = await openOnGpu("/features.onnx"); done.head = await openOnGpu("/head.onnx", { strict: true }); },
};
`;

/** A convolution with its SE block, [N,3,8,8] to [N,16,8,8]. */
function features(): Graph {
  const graph = new Graph("features");
  const scope = new Scope(graph);
  const x = conv2d(graph.input("input", tensorType("float32", ["N", 3, 8, 8])), scope.at("conv"), 16, { kernel: 3 });
  graph.output(squeezeExcite(x, scope.at("se"), { r: 4 }), "output");
  initialize(scope.parameters);
  return graph;
}
/** A classifier of what that gives, to [N,10]. */
function head(): Graph {
  const graph = new Graph("head");
  const scope = new Scope(graph);
  const x = graph.input("features", tensorType("float32", ["N", 16, 8, 8]));
  graph.output(linear(flatten(globalAveragePool(x)), scope.at("fc"), 10), "logits");
  initialize(scope.parameters);
  return graph;
}

/** float32[1,3,8,8] by a node for which WebGPU has no kernel, and as whole numbers. */
function mixed(): Graph {
  const graph = new Graph("mixed");
  const x = graph.input("input", f32(1, 3, 8, 8));
  graph.output(lrn(x, { size: 3 }), "normalized");
  graph.output(cast(x, { to: dataType("int32") }), "whole");
  return graph;
}
function double(): Graph {
  const graph = new Graph("double");
  graph.output(cast(graph.input("input", f32(1, 4)), { to: dataType("float64") }), "double");
  return graph;
}

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("tensors on the card, in Chromium", () => {
  let browser: Browser;
  let site: Site;
  let page: Page;

  beforeAll(async () => {
    const files = new Map<string, Uint8Array>([
      ["/features.onnx", await encodeToBytes(features())],
      ["/head.onnx", await encodeToBytes(head())],
      ["/mixed.onnx", await encodeToBytes(mixed())],
      ["/double.onnx", await encodeToBytes(double())],
    ]);
    for (const [name, content] of (await bundle(PAGE, { splitting: true })).files) files.set(`/${name}`, content);
    const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    const wasm = "ort-wasm-simd-threaded.asyncify.wasm";
    files.set(`/${wasm}`, await readFile(join(runtime, wasm)));
    [site, browser] = await Promise.all([serve(files), launch(ACCELERATED)]);
    site.page("/page.html", "/entry.js", "'self' 'wasm-unsafe-eval'");
    page = await newPage(browser);
    page.on("pageerror", (e) => console.error(e));
    await page.goto(`${site.origin}/page.html`);
    await page.waitForFunction("globalThis.done !== undefined");
    await page.evaluate("done.models()");
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  /** What a script of the page gives, with what is in `done` by name. */
  const inPage = (script: string): Promise<unknown> =>
    page.evaluate(
      `(async ({ image, numbers, told, gpuTensor, openOnGpu, open, body, head }) => { const F = "float32"; ${script} })(done)`,
    );

  test("outputs are on the card, and read back are those of open", async () => {
    const [location, kept, again, plain] = (await inPage(`
      const { output } = await body.run({ input: image(2) });
      const [kept, again] = [await numbers(output), await numbers(output)];
      return [[output.gpuBuffer instanceof GPUBuffer, output.device === body.device, output.dtype, output.shape, body.fallback],
        kept, again, await open("/features.onnx", { input: image(2) })];`)) as [unknown, number[], number[], number[]];
    expect(location).toEqual([true, true, "float32", [2, 16, 8, 8], false]);
    expect(difference(kept, plain)).toBeLessThan(1e-6);
    expect(again).toEqual(kept);
  });

  test("one model's output is another's input, without the processor", async () => {
    const [chained, mapped, plain] = (await inPage(`
      const { output } = await body.run({ input: image(1) });
      const { mapAsync } = GPUBuffer.prototype;
      let mapped = 0;
      GPUBuffer.prototype.mapAsync = function (...args) { mapped++; return mapAsync.apply(this, args); };
      const { logits } = await head.run({ features: output });
      const before = mapped;
      const chained = await numbers(logits);
      GPUBuffer.prototype.mapAsync = mapAsync;
      const data = Float32Array.from(await numbers(output));
      return [chained, [before, mapped], await open("/head.onnx", { features: { dtype: F, shape: output.shape, data } })];`)) as [
      number[],
      number[],
      number[],
    ];
    expect(difference(chained, plain)).toBeLessThan(1e-6);
    expect(mapped).toEqual([0, 1]); // reading the logits maps a buffer, running maps none
  });

  test("a buffer of the page's own is filled by each run, in turn, and stays the page's", async () => {
    const [same, first, second, plain, after] = (await inPage(`
      const buffer = body.device.createBuffer({ size: 2 * 1024 * 4, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
      const output = gpuTensor(body.device, F, [1, 16, 8, 8], buffer);
      const results = body.run({ input: image(1) }, { output });
      const first = numbers(output); // what is asked for at once happens in order
      body.run({ input: image(1, -2) }, { output });
      const second = await numbers(output);
      const same = (await results).output === output && output.gpuBuffer === buffer;
      await output.dispose();
      const kept = gpuTensor(body.device, F, [1, 16, 8, 8], buffer);
      return [same, await first, second, await open("/features.onnx", { input: image(1, -2) }), await numbers(kept)];`)) as [
      boolean,
      ...number[][],
    ];
    expect(same).toBe(true);
    expect(difference(second ?? [], plain ?? [])).toBeLessThan(1e-6);
    expect(difference(second ?? [], first ?? [])).toBeGreaterThan(0.1);
    expect(after).toEqual(second);
  });

  test("an input that a page wrote on the card gives what one from the processor gives", async () => {
    const [there, here] = (await inPage(`
      const input = gpuTensor(body.device, F, [1, 3, 8, 8]);
      body.device.queue.writeBuffer(input.gpuBuffer, 0, image(1).data);
      const [a, b] = await Promise.all([body.run({ input }), body.run({ input: image(1) })]);
      await input.dispose();
      return [await numbers(a.output), await numbers(b.output)];`)) as [number[], number[]];
    expect(there).toEqual(here);
  });

  test("disposing gives memory back, which later runs take; closing disposes the rest", async () => {
    const [disposed, held, closed] = (await inPage(`
      const buffers = async (dispose) => {
        const found = new Set();
        for (let i = 0; i < 4; i++) {
          const { logits } = await other.run({ features: gpuTensor(other.device, F, [1, 16, 8, 8]) });
          found.add(logits.gpuBuffer);
          if (dispose) await logits.dispose(); else kept.push(logits);
        }
        return found.size;
      };
      const other = await openOnGpu("/head.onnx");
      const kept = [];
      const counts = [await buffers(true), await buffers(false)];
      const late = other.run({ features: gpuTensor(other.device, F, [1, 16, 8, 8]) });
      await new Promise((resolve) => setTimeout(resolve)); // so that it is under way
      await other.close();
      kept.push((await late).logits);
      return [...counts, kept.map((t) => t.disposed)];`)) as unknown[];
    expect(disposed).toBe(1);
    expect(held).toBe(4);
    expect(closed).toEqual([true, true, true, true, true]);
  });

  test("what the processor computed is put on the card; other types than float32 are read as they are", async () => {
    const [fallback, normalized, plain, whole, data] = (await inPage(`
      const model = await openOnGpu("/mixed.onnx");
      const input = image(1, 100);
      const { normalized, whole } = await model.run({ input });
      const read = [await numbers(normalized), await open("/mixed.onnx", { input }), await whole.read()];
      await model.close();
      return [model.fallback, read[0], read[1], [read[2].constructor.name, ...read[2]], Array.from(input.data)];`)) as [
      boolean,
      number[],
      number[],
      unknown[],
      number[],
    ];
    expect(fallback).toBe(true);
    expect(difference(normalized, plain)).toBeLessThan(1e-6);
    expect(whole).toEqual(["Int32Array", ...data.map((x) => Math.trunc(x) + 0)]); // no -0
    expect(await inPage('return told(() => openOnGpu("/mixed.onnx", { strict: true }))')).toMatch(
      /^UserError: webgpu has no kernel for some nodes of the model, and strict forbids/,
    );
  });

  test("an output that no buffer on the card holds is refused when the model is opened", async () => {
    expect(await inPage('return told(() => openOnGpu("/double.onnx"))')).toBe(
      "UserError: the output 'double' is float64[1,4], which no buffer on the card holds: use open",
    );
  });

  test.each([
    ["body.run({})", "the input 'input' is missing: give float32[N,3,8,8]"],
    ["body.run({ inputs: image(1) })", "there is no input 'inputs': choose input"],
    [
      "body.run({ input: { ...image(1), shape: [3, 8, 8] } })",
      "the input 'input' is float32[N,3,8,8], and float32[3,8,8] does not fit: give such a tensor",
    ],
    [
      "body.run({ input: { ...image(1), shape: [2, 3, 8, 8] } })",
      "the input 'input' is given 192 numbers for float32[2,3,8,8]: give one for each",
    ],
    [
      "body.run({ input: { ...image(1), data: new Float64Array(192) } })",
      "ONNX Runtime could not run the model: A float32 tensor's data must be type of function Float32Array() { [native code] }",
    ],
    [
      "body.run({ input: image(1) }, { logits: gpuTensor(body.device, F, [1, 10]) })",
      "there is no output 'logits': choose output",
    ],
    [
      "body.run({ input: image(1) }, { output: gpuTensor(body.device, F, [2, 16, 8, 8]) })",
      "the output 'output' is float32[1,16,8,8], and float32[2,16,8,8] does not fit: give such a tensor",
    ],
    [
      "gpuTensor(body.device, F, [1, 10], body.device.createBuffer({ size: 36, usage: 140 }))",
      "the buffer of 36 bytes is too small for float32[1,10]: give one of 40",
    ],
    [
      "gpuTensor(body.device, F, [1, 10], body.device.createBuffer({ size: 40, usage: 128 }))",
      "the buffer for float32[1,10] lacks a usage: create it with GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST",
    ],
    [
      "gpuTensor(body.device, 'float64', [1])",
      "no buffer on the card holds float64[1]: give one of float32, float16, int32, uint32, int64, uint8, bool",
    ],
    ["gpuTensor(body.device, F, [0, 3])", "no buffer on the card holds float32[0,3]: give lengths from 1 up"],
    [
      `const device = await (await navigator.gpu.requestAdapter()).requestDevice();
       return body.run({ input: gpuTensor(device, F, [1, 3, 8, 8]) })`,
      "the tensor given for the input 'input' is on another device: make it on the model's",
    ],
    [
      "const { output } = await body.run({ input: image(1) }); await output.dispose(); return head.run({ features: output })",
      "the tensor given for the input 'features' is disposed: give another",
    ],
    [
      "const { output } = await body.run({ input: image(1) }); await output.dispose(); return output.read()",
      "the tensor is disposed: read it before",
    ],
  ])("%s is refused, and the model goes on", async (script, sentence) => {
    const statement = script.includes("return") ? script : `return ${script}`;
    expect(await inPage(`return told(async () => { ${statement} })`)).toBe(`UserError: ${sentence}`);
    expect(await inPage("return (await body.run({ input: image(1) })).output.shape")).toEqual([1, 16, 8, 8]);
  });

  test("after the runtime has failed in a run, the model is refused, and others go on", async () => {
    const [failed, next, other, closed] = (await inPage(`
      const model = await openOnGpu("/features.onnx");
      const buffer = body.device.createBuffer({ size: 4096, usage: 140 });
      buffer.destroy();
      const output = gpuTensor(body.device, F, [1, 16, 8, 8], buffer);
      const failed = await told(() => model.run({ input: image(1) }, { output }));
      const next = await told(() => model.run({ input: image(1) }));
      await model.close();
      const { output: good } = await body.run({ input: image(1) });
      return [failed, next, good.shape, await told(() => model.run({ input: image(1) }))];`)) as unknown[];
    expect(failed).toMatch(/^UserError: ONNX Runtime could not run the model: /);
    expect(next).toBe(
      "UserError: a run of the model has failed, after which ONNX Runtime cannot run it: open it again",
    );
    expect(other).toEqual([1, 16, 8, 8]);
    expect(closed).toBe("UserError: the session is closed");
  });

  test("the example of docs/api.md prints what its comments say", async () => {
    const code = example?.code ?? "";
    const printed: string[] = [];
    page.on("console", (message) => printed.push(`${message.text()}\n`));
    await page.evaluate("done.example()");
    expect(promised(code)).toMatch(/^.+\n.+\n$/);
    expect(printed.join("")).toBe(promised(code).repeat(2)); // its loop runs twice
  });

  test("the device goes with the last model on it, and the next model has another", async () => {
    const [lost, another, shape] = (await inPage(`
      const kept = gpuTensor(body.device, F, [4]);
      await body.close();
      await head.close();
      await head.close();
      const lost = await told(() => kept.read());
      const model = await openOnGpu("/head.onnx");
      const { logits } = await model.run({ features: gpuTensor(model.device, F, [2, 16, 8, 8]) });
      await logits.read();
      return [lost, model.device !== body.device, logits.shape];`)) as unknown[];
    expect(lost).toMatch(
      /^UserError: the tensor cannot be read from the card, whose device goes with the last model on it \(.+\): open the model again$/,
    );
    expect(another).toBe(true);
    expect(shape).toEqual([2, 10]);
  });

  test("without WebGPU: a sentence", async () => {
    const plain = await launch();
    try {
      const other = await newPage(plain);
      await other.goto(`${site.origin}/page.html`);
      await other.waitForFunction("globalThis.done !== undefined");
      expect(await other.evaluate('done.told(() => done.openOnGpu("/head.onnx"))')).toMatch(
        /^UserError: this browser.*WebGPU.*: choose the device wasm/,
      );
    } finally {
      await plain.close();
    }
  });
});

/** Largest difference over the largest magnitude. */
function difference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const scale = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / scale;
}
