import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { buildModel, decode, encodeToBytes, f32, Graph, matMul, relu, tensorType, text } from "../../dist/src/index.js";
// The built package, since a session's worker is a file of it.
import { cudaLibraries, explainCuda } from "../../dist/src/infer/node/cuda.js";
import { explainRuntime } from "../../dist/src/infer/node/onnxruntime-node.js";
import { providers } from "../../dist/src/infer/node/providers/index.js";
import { ONE_NODE } from "../../dist/src/infer/probe.js";
import { sentence, type Unavailable } from "../../dist/src/infer/provider.js";
import { open, writeModel } from "../../dist/src/node.js";
import type { Feeds } from "../../src/infer/session.js";
import { oneBlock } from "./one-block.js";

/** WebGPU on the processor, where Chromium has brought the driver for it. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES ??= SWIFTSHADER;

/** Providers that make one kernel of a whole subgraph. */
const COMPILES = new Set(["tensorrt", "coreml", "dml"]);

/** An image tensor with values in [-0.5, 0.5]. */
const feed = (seed: number): Feeds => ({
  input: {
    dtype: "float32",
    shape: [1, 3, 32, 32],
    data: Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => (((i + seed) * 7919) % 1009) / 1008 - 0.5),
  },
});
const FEEDS = [feed(0), feed(500)];

let bytes: Uint8Array;
let onCpu: readonly Feeds[];
beforeAll(async () => {
  bytes = await encodeToBytes(buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } }).graph);
  const model = await open(bytes, { device: "cpu" });
  onCpu = await Promise.all(FEEDS.map((f) => model.run(f)));
  await model.close();
});

/** Largest difference of the logits over the largest of them. */
function difference(a: Feeds | undefined, b: Feeds | undefined): number {
  const [x, y] = [a, b].map((feeds) => Array.from(feeds?.logits?.data ?? [], Number));
  if (!x?.length || x.length !== y?.length) return Number.NaN;
  return Math.max(...x.map((v, i) => Math.abs(v - (y[i] ?? Number.NaN)))) / Math.max(...x.map(Math.abs));
}

test("what providers are tried with is a network of one node", async () => {
  const again = new Graph("probe");
  again.output(relu(again.input("input", tensorType("float32", [1, 4])), { name: "output" }));
  expect(text(await decode(ONE_NODE))).toBe(text(again));
  expect(await encodeToBytes(again)).toEqual(ONE_NODE);
});

test("the logits of the feeds differ, so that a mix-up shows", () => {
  expect(difference(onCpu[0], onCpu[1])).toBeGreaterThan(1e-2);
});

describe.each(providers.all.map((provider) => [provider.name, provider] as const))(
  "the provider %s",
  (name, provider) => {
    let available: true | Unavailable;
    beforeAll(async () => {
      available = await provider.available();
      if (available !== true) console.warn(`${name} is skipped: ${sentence(available)}`);
    });

    test("is available, or refuses with what is missing and what brings it", async () => {
      if (available === true) return;
      expect(available.reason).toMatch(new RegExp(name));
      expect(available.hint).toMatch(/`\w+|choose/);
      await expect(provider.create(bytes, {})).rejects.toMatchObject({
        name: "UserError",
        message: sentence(available),
      });
      await expect(open(bytes, { device: name })).rejects.toThrow(sentence(available));
    });

    test("gives the logits of cpu to each of several calls at once", async (c) => {
      if (available !== true) return c.skip(sentence(available));
      const session = await provider.create(bytes, {}); // the second: the first told that it is available
      expect([session.provider, session.fallback]).toEqual([name, false]);
      expect(session.inputs.map((p) => p.name)).toEqual(["input"]);
      const wrong = { input: { dtype: "float32" as const, shape: [1, 3, 8], data: new Float32Array(24) } };
      await expect(session.run(wrong)).rejects.toThrow(/^ONNX Runtime could not run the model: ./);
      const results = await Promise.all(FEEDS.map((f) => session.run(f)));
      for (const [i, result] of results.entries()) {
        const d = difference(onCpu[i], result);
        console.log(`${name}: logits differ by ${d.toExponential(1)} of the largest`);
        expect(d).toBeLessThan(1e-4);
      }
      const waiting = FEEDS.map((f) => session.run(f));
      const closed = session.close();
      for (const run of waiting) await expect(run).rejects.toThrow("the session is closed");
      await closed;
      await session.close();
      await expect(session.run(feed(0))).rejects.toThrow("the session is closed");
    });

    test("tells which nodes it ran, and leaves no profile behind", async (c) => {
      if (available !== true) return c.skip(sentence(available));
      const session = await provider.create(await encodeToBytes(oneBlock()), {});
      const before = await profiles();
      const placement = await session.placement();
      expect(await profiles()).toEqual(before);
      await session.close();
      console.log(`${name}: ${JSON.stringify(placement)}`);
      const { nodes = 0, operators = {} } = placement[name] ?? {};
      expect(nodes).toBeGreaterThan(0);
      expect(Object.values(operators).reduce((a, b) => a + b, 0)).toBe(nodes);
      if (!COMPILES.has(name)) expect(operators.GlobalAveragePool).toBe(1);
    });

    test("refuses what is no model", async (c) => {
      if (available !== true) return c.skip(sentence(available));
      await expect(provider.create(bytes.subarray(0, 1000), {})).rejects.toThrow(/^ONNX Runtime refuses the model: ./);
    });

    test("says where a node is left to the processor, and leaves none under strict", async (c) => {
      if (available !== true || name === "cpu" || name === "wasm")
        return c.skip(available === true ? "it is the processor" : sentence(available));
      const float64 = await encodeToBytes(inFloat64());
      const session = await provider.create(float64, {});
      expect([session.provider, session.fallback]).toEqual([name, true]);
      expect(await session.placement()).toEqual({ cpu: { nodes: 1, operators: { Relu: 1 } } });
      await session.close();
      await expect(provider.create(float64, { strict: true })).rejects.toThrow(
        new RegExp(`^${name} has no kernel for some nodes of the model, and strict forbids`),
      );
    });
  },
);
/** A network of a type that graphics processors do not have. */
function inFloat64(): Graph {
  const graph = new Graph("float64");
  graph.output(relu(graph.input("input", tensorType("float64", [1, 4]))));
  return graph;
}
const profiles = async (): Promise<readonly string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("se-onnx-profile-"));

test("wasm is given the files beside a model that hold its tensors", async () => {
  const folder = await mkdtemp(join(tmpdir(), "se-onnx-test-"));
  try {
    const { graph } = buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 1 } });
    await writeModel(graph, join(folder, "model.onnx"), { externalData: true });
    const model = await open(join(folder, "model.onnx"), { device: "wasm" });
    expect(difference(onCpu[0], await model.run(feed(0)))).toBeLessThan(1e-4);
    await model.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a run that needs more memory than there is says so, and leaves the session unharmed", async () => {
  const graph = new Graph("outer product");
  graph.output(matMul(graph.input("a", f32("n", 1)), graph.input("b", f32(1, "n"))), "output");
  const model = await open(await encodeToBytes(graph));
  const run = (n: number) => {
    const data = new Float32Array(n).fill(2);
    return model.run({ a: { dtype: "float32", shape: [n, 1], data }, b: { dtype: "float32", shape: [1, n], data } });
  };
  await expect(run(2 ** 20)).rejects.toThrow(
    /^the memory does not suffice for these inputs: give fewer images at a time/,
  ); // 4 TiB
  expect((await run(1)).output?.data).toEqual(Float32Array.of(4));
  await model.close();
});

describe("a device", () => {
  test("given as a list is the first that works, and why the others do not is kept", async () => {
    const missing = providers.all.find((p) => p.name === (process.platform === "win32" ? "coreml" : "dml"));
    const why = await missing?.available();
    const model = await open(bytes, { device: [missing?.name ?? "", "cpu"] });
    expect(model.provider).toBe("cpu");
    expect(model.tried).toEqual([{ device: missing?.name, reason: sentence(why as Unavailable) }]); // never there
    await model.close();
    const spelled = await open(bytes, { device: `${missing?.name}, cpu` });
    expect([spelled.provider, spelled.tried]).toEqual([model.provider, model.tried]);
    await spelled.close();
  });

  test("given as auto is found", async () => {
    const model = await open(bytes, { device: "auto" });
    expect(providers.auto).toContain(model.provider);
    expect(model.tried.map((t) => t.device)).toEqual(providers.auto.slice(0, model.tried.length));
    await model.close();
  });

  test("that is named under strict is the only one", async () => {
    const missing = process.platform === "win32" ? "coreml" : "dml";
    await expect(open(bytes, { device: [missing, "cpu"], strict: true })).rejects.toThrow(
      new RegExp(`^${missing} .*: choose another device; strict tries no other \\(cpu\\)$`),
    );
    const model = await open(bytes, { device: "cpu", strict: true });
    expect(model.provider).toBe("cpu");
    await model.close();
    const found = await open(bytes, { device: "auto", strict: true });
    expect(providers.auto).toContain(found.provider);
    await found.close();
  });

  test("that does not exist is named, before the model is read", async () => {
    await expect(open("nowhere.onnx", { device: "abacus" })).rejects.toThrow(/^there is no device 'abacus': choose/);
    await expect(open("nowhere.onnx", { device: ["cpu", "auto:1"] })).rejects.toThrow(/'auto:1' .*'auto' takes none/);
    await expect(open("nowhere.onnx", { device: "cpu:1" })).rejects.toThrow(/'cpu:1' .*'cpu' takes none/);
    await expect(open("nowhere.onnx", { device: [] })).rejects.toThrow(/^no device is named: give cpu, /);
  });

  test("of which none works names the reason of each", async () => {
    const [a, b] = process.platform === "darwin" ? ["dml", "tensorrt"] : ["coreml", "dml"];
    const both = open(bytes, { device: `${a},${process.platform === "win32" ? "tensorrt" : b}` });
    await expect(both).rejects.toThrow(new RegExp(`^no device works: ${a} .*; (${b}|tensorrt) .`));
  });
});

describe.runIf(process.platform === "linux" && process.arch === "x64")("CUDA", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "se-onnx-test-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("that its package did not fetch comes with the command that does", () => {
    const why = cudaLibraries(folder, "cuda");
    expect(why?.reason).toMatch(/^cuda needs libonnxruntime_providers_cuda.so/);
    expect(why?.hint).toMatch(
      /^run `ONNXRUNTIME_NODE_INSTALL=cuda12 node .*script\/install`, and install NVIDIA's driver/,
    );
  });

  test("whose libraries cannot be loaded says which, as the dynamic linker does", async () => {
    const failed = "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library";
    expect(explainCuda(failed, folder, "cuda")?.reason).toMatch(
      /^cuda cannot be loaded \(.*libonnxruntime_providers_cuda.so: cannot open shared object file/,
    );
    for (const name of ["shared", "cuda", "tensorrt"])
      await writeFile(join(folder, `libonnxruntime_providers_${name}.so`), "no library");
    expect(cudaLibraries(folder, "tensorrt")).toBeNull();
    expect(explainCuda(failed, folder, "tensorrt")?.reason).toMatch(
      /providers_tensorrt.so: (file too short|invalid ELF)/,
    );
  });

  test("without a processor or a driver for it says so", () => {
    const words = "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1";
    expect(explainCuda(words, folder, "cuda")).toMatchObject({ hint: expect.stringContaining("nvidia-smi") });
    expect(explainCuda("CUDA failure 101: invalid device ordinal", folder, "cuda")?.reason).toBe(
      "cuda has no device of that number",
    );
    expect(explainCuda("Invalid model", folder, "cuda")).toBeNull();
  });
});

test("a runtime that is built without a provider, or that the system cannot load, is no fault of the model", () => {
  const absent = "no available backend found. ERR: [webgpu] backend not found.";
  expect(explainRuntime("webgpu", absent)?.reason).toMatch(/is built without webgpu$/);
  const musl = "Error loading shared library ld-linux-x86-64.so.2: No such file or directory";
  expect(explainRuntime("cpu", musl)?.hint).toMatch(/npm install onnxruntime-web/);
  expect(explainRuntime("cpu", "Load model failed: Protobuf parsing failed")).toBeNull();
});
