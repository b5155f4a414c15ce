import { copyFile, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { replace } from "../../dist/src/graph/edit.js";
import { buildModel, type NetworkOptions } from "../../dist/src/index.js";
import { type OpenedModel, open, writeModel } from "../../dist/src/node.js";
import { seOnnx, temporaryFolder } from "../cli/se-onnx.js";

const folder = await temporaryFolder();
const cache = join(folder, "cache", "se-onnx", "optimized");
process.env.XDG_CACHE_HOME = join(folder, "cache");
const kept = async (ending = ".onnx"): Promise<readonly string[]> =>
  (await readdir(cache).catch(() => [])).filter((name) => name.endsWith(ending));
const forms = async (): Promise<readonly string[]> => (await kept()).filter((name) => !name.includes("untried"));

/** Enough work to be worth another form, in a small file. */
const SIZE = 96;
const model = join(folder, "se.onnx");
const write = (file: string, options: NetworkOptions & { seed?: number }, external = false) =>
  writeModel(
    buildModel("cifar_resnet20", cifar_resnet20, {
      classes: 5,
      inputSize: SIZE,
      ...options,
      weights: { seed: options.seed ?? 0 },
    }).graph,
    file,
    { externalData: external },
  );
beforeAll(() => write(model, {}));

const image = (batch: number) => ({
  input: {
    dtype: "float32" as const,
    shape: [batch, 3, SIZE, SIZE],
    data: Float32Array.from({ length: batch * 3 * SIZE * SIZE }, (_, i) => Math.sin(0.37 * i)),
  },
});
async function openAndClose(file: string, options: Parameters<typeof open>[1] = {}): Promise<OpenedModel> {
  const opened = await open(file, options);
  await opened.close();
  return opened;
}
const isFast = ({ optimization }: OpenedModel): boolean => typeof optimization === "object" && optimization !== null;

async function expectSame(usual: OpenedModel, fast: OpenedModel, batch: number): Promise<void> {
  const [a, b] = [await usual.run(image(batch)), await fast.run(image(batch))];
  const [left, right] = [a.logits?.data as Float32Array, b.logits?.data as Float32Array]; // float32 outputs
  expect(b.logits?.shape).toEqual([batch, 5]);
  const scale = left.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  for (const [i, v] of left.entries()) expect(Math.abs(v - (right[i] ?? 0)) / scale).toBeLessThan(2e-6);
}

describe("open", () => {
  test("runs the fast form unasked, with the model's numbers for every batch and under its own ports", async () => {
    const [usual, fast] = [await open(model, { optimize: false }), await open(model)];
    try {
      expect(usual.optimization).toBeNull();
      expect(fast.optimization).toMatchObject({ target: "ort-cpu", batch: 1, madeMs: expect.any(Number) });
      expect(fast.inputs).toEqual(usual.inputs);
      expect(Object.keys((await fast.placement(image(1)))[fast.provider]?.operators ?? {})).not.toContain("Mul");
      for (const batch of [1, 3, 2]) await expectSame(usual, fast, batch);
    } finally {
      await Promise.all([usual.close(), fast.close()]);
    }
  });

  test("gives a batch that comes again a form of its own, in the background", async () => {
    const [usual, fast] = [await open(model, { optimize: false }), await open(model)];
    try {
      const before = (await forms()).length;
      await fast.run(image(4));
      expect((await forms()).length).toBe(before);
      await fast.run(image(4));
      for (let i = 0; i < 2000 && (await forms()).length === before; i++) await sleep(20);
      expect((await forms()).length).toBe(before + 1);
      for (const batch of [4, 5, 1, 9]) await expectSame(usual, fast, batch);
    } finally {
      await Promise.all([usual.close(), fast.close()]);
    }
    const ready = await openAndClose(model, { batch: 4 });
    expect(ready.optimization).toMatchObject({ batch: 4, madeMs: null });
  });

  test("makes the form once for what is in a file, wherever it is and whenever it was touched", async () => {
    await openAndClose(model);
    const before = await kept();
    await utimes(model, new Date(), new Date(Date.now() + 5000));
    await copyFile(model, join(folder, "copy.onnx"));
    for (const file of [model, join(folder, "copy.onnx")]) {
      const { optimization, loadMs } = await openAndClose(file);
      expect(optimization).toMatchObject({ madeMs: null });
      expect(loadMs).toBeGreaterThan(0);
    }
    expect(await kept()).toEqual(before);
  });

  test("does not take another model for the one before it, though size and time of its file are the same", async () => {
    const file = join(folder, "changing.onnx");
    await write(file, {});
    const times = [new Date(2_000_000_000), new Date(2_000_000_000)] as const;
    await utimes(file, ...times);
    const first = await openAndClose(file);
    const { size } = await stat(file);
    await write(file, { seed: 1 });
    await utimes(file, ...times);
    expect((await stat(file)).size).toBe(size);
    const [usual, fast] = [await open(file, { optimize: false }), await open(file)];
    expect([isFast(first), isFast(fast)]).toEqual([true, true]);
    expect(fast.optimization).not.toMatchObject({ path: (first.optimization as { path: string }).path });
    await expectSame(usual, fast, 1);
    await Promise.all([usual.close(), fast.close()]);
  });

  test("never answers from a file that took the model's place after it was opened", async () => {
    const file = join(folder, "replaced.onnx");
    await write(file, {});
    const [usual, fast, whole] = [
      await open(model, { optimize: false }),
      await open(file),
      await open(file, { batch: 3 }),
    ];
    await rm(file);
    await write(file, { seed: 1 });
    for (const batch of [1, 2, 2, 3]) await expectSame(usual, fast, batch);
    await sleep(500); // a form for two images would be made by now
    await expectSame(usual, fast, 2);
    await expect(whole.run(image(1))).rejects.toThrow("replaced.onnx' was changed after it was opened: open it again");
    await expectSame(usual, whole, 3);
    await Promise.all([usual.close(), fast.close(), whole.close()]);
    await expect(fast.run(image(5))).rejects.toThrow("the session is closed");
  });

  test("leaves inputs with values of their own to the file", async () => {
    const { graph } = buildModel("cifar_resnet20", cifar_resnet20, { classes: 5, inputSize: SIZE });
    const file = join(folder, "defaults.onnx");
    const first = graph.constants.find((c) => c.constant?.shape.length === 1);
    if (!first?.constant) throw new Error("there is a bias");
    const given = graph.input("given", first.constant);
    graph.defaults.set(given, first.constant);
    replace(first, given);
    await writeModel(graph, file);
    const [usual, fast] = [await open(file, { optimize: false }), await open(file)];
    expect(fast.inputs).toEqual(usual.inputs);
    await Promise.all([usual.close(), fast.close()]);
  });

  test("notices a kept form that was damaged or taken away, and makes it anew", async () => {
    const { optimization } = await openAndClose(model);
    const { path } = optimization as { path: string };
    const whole = await readFile(path);
    const damaged = Buffer.from(whole);
    damaged[whole.length >> 1] = (damaged[whole.length >> 1] ?? 0) ^ 1; // in a weight: ONNX Runtime would load it
    for (const content of [damaged, null]) {
      if (content) await writeFile(path, content);
      else await rm(path);
      const again = await openAndClose(model);
      expect(again.optimization).toMatchObject({ path, madeMs: expect.any(Number) });
      expect(whole.equals(await readFile(path))).toBe(true);
    }
    await writeFile(path.replace(".onnx", ".json"), "{");
    expect((await openAndClose(model)).optimization).toMatchObject({ path });
  });

  test("two at once make it once", async () => {
    await rm(cache, { recursive: true });
    const opened = await Promise.all([openAndClose(model), openAndClose(model), openAndClose(model)]);
    expect(opened.every(isFast)).toBe(true);
    const made = opened.filter((o) => (o.optimization as { madeMs: number | null }).madeMs !== null);
    expect(made).toHaveLength(1);
    expect(await kept()).toHaveLength(1);
    expect((await readdir(cache)).filter((n) => !/^[0-9a-f]{24}\.(onnx|json|hash)$/.test(n))).toEqual([]);
  });

  test("'again' makes it when the model is opened for the second time", async () => {
    await rm(cache, { recursive: true });
    const [first, second, third] = [
      await openAndClose(model, { optimize: "again" }),
      await openAndClose(model, { optimize: "again" }),
      await openAndClose(model, { optimize: "again" }),
    ];
    expect(first.optimization).toMatch(/it is done when the model is used again$/);
    expect(second.optimization).toMatchObject({ madeMs: expect.any(Number) });
    expect(third.optimization).toMatchObject({ madeMs: null });
  });

  test("takes tensors from another file along", async () => {
    const file = join(folder, "external.onnx");
    await write(file, { seed: 3 }, true);
    expect(isFast(await openAndClose(file))).toBe(true);
  });

  test.each<[string, NetworkOptions, RegExp]>([
    ["gains nothing", { se: null }, /^it has no SE block/],
    ["is small", { inputSize: 32 }, /^it is too small to gain$/],
  ])("leaves a model that %s as it is, with the reason", async (_, options, reason) => {
    const file = join(folder, "other.onnx");
    await write(file, options);
    const before = await kept(".json");
    const opened = await openAndClose(file);
    await rm(file);
    expect(opened.optimization).toMatch(reason);
    expect(await kept(".json")).toEqual(before); // no process was started to find that out
  });

  test("of bytes, or where nothing can be kept, says so and runs the model as it is", async () => {
    const bytes = await open(new Uint8Array(await readFile(model)));
    await bytes.close();
    expect(bytes.optimization).toMatch(/given as bytes/);
    await writeFile(join(folder, "file"), "");
    process.env.XDG_CACHE_HOME = join(folder, "file");
    const [usual, unkept] = [await open(model, { optimize: false }), await open(model)];
    process.env.XDG_CACHE_HOME = join(folder, "cache");
    expect(unkept.optimization).toMatch(/^nothing can be kept in '.*' \((ENOTDIR|EEXIST)\)$/);
    await expectSame(usual, unkept, 2);
    await Promise.all([usual.close(), unkept.close()]);
  });
});

test("run says what it cost, once, and --json what came of it", async () => {
  await rm(cache, { recursive: true });
  const photo = join(import.meta.dirname, "../photos/chelsea.png");
  const run = (...args: string[]) => seOnnx(["run", model, photo, "--json", ...args], { cwd: folder });
  const off = await run("--no-optimize");
  expect(JSON.parse(off.stdout)).toMatchObject({ optimization: null, loadMs: expect.any(Number) });
  const first = await run();
  expect(JSON.parse(first.stdout).optimization).toMatch(/used again$/);
  const second = await run();
  expect(second.stderr).toMatch(/^optimized for this machine in \d+\.\d s, kept in .*\.onnx$/m);
  const third = await run();
  expect(third.stderr).not.toContain("optimized");
  expect(JSON.parse(third.stdout).optimization).toMatchObject({ target: "ort-cpu", madeMs: null });
  const best = ({ stdout }: { stdout: string }) => JSON.parse(stdout).images[0].predictions[0];
  expect(best(third).index).toBe(best(off).index);
  expect(best(third).score).toBeCloseTo(best(off).score, 5);
});
