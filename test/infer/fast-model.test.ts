import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { resnet18 } from "../../dist/models/resnet.js";
import { buildModel, type NetworkOptions } from "../../dist/src/index.js";
import { open, writeModel } from "../../dist/src/node.js";
import { temporaryFolder } from "../cli/se-onnx.js";

const folder = await temporaryFolder();
process.env.XDG_CACHE_HOME = join(folder, "cache");
const kept = async (): Promise<readonly string[]> =>
  readdir(join(folder, "cache", "se-onnx", "optimized")).catch(() => []);

const model = join(folder, "se.onnx");
const write = (file: string, options: NetworkOptions, external = false) =>
  writeModel(buildModel("resnet18", resnet18, { classes: 5, inputSize: 128, ...options }).graph, file, {
    externalData: external,
  });
beforeAll(() => write(model, {}));

const image = (batch: number) => ({
  input: {
    dtype: "float32" as const,
    shape: [batch, 3, 128, 128],
    data: Float32Array.from({ length: batch * 3 * 128 * 128 }, (_, i) => Math.sin(0.37 * i)),
  },
});

describe("open with optimize", () => {
  test("gives the model's numbers, for its batch and for others, under the model's own ports", async () => {
    const [usual, fast] = [await open(model), await open(model, { optimize: 2 })];
    try {
      expect(usual.optimization).toBeNull();
      expect(fast.optimization).toMatchObject({ batch: 2 });
      expect(fast.inputs).toEqual(usual.inputs);
      expect(Object.keys((await fast.placement(image(2)))[fast.provider]?.operators ?? {})).not.toContain("Mul");
      for (const batch of [2, 1, 3]) {
        const [a, b] = [await usual.run(image(batch)), await fast.run(image(batch))];
        const [left, right] = [a.logits?.data as Float32Array, b.logits?.data as Float32Array]; // float32 outputs
        expect(right.length).toBe(5 * batch);
        const scale = left.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        for (const [i, v] of left.entries()) expect(Math.abs(v - (right[i] ?? 0)) / scale).toBeLessThan(2e-6);
      }
    } finally {
      await Promise.all([usual.close(), fast.close()]);
    }
  });

  test("makes the file once, and another where the model has changed", async () => {
    await (await open(model, { optimize: true })).close();
    const before = await kept();
    await (await open(model, { optimize: true })).close();
    expect(await kept()).toEqual(before);
    await utimes(model, new Date(), new Date(Date.now() + 5000));
    await (await open(model, { optimize: true })).close();
    expect((await kept()).length).toBe(before.length + 1);
    expect((await kept()).filter((name) => name.includes("untried"))).toEqual([]);
  });

  test.each<[string, NetworkOptions, boolean, RegExp]>([
    ["has no SE", { se: null }, false, /it has no SE block/],
    ["is small", { inputSize: 32 }, false, /it is too small to gain/],
    ["keeps its tensors in another file", {}, true, /its tensors are in a file of their own/],
  ])("leaves a model that %s as it is, with the reason", async (_, options, external, reason) => {
    const file = join(folder, "other.onnx");
    await write(file, options, external);
    const opened = await open(file, { optimize: true });
    await opened.close();
    await rm(file);
    expect(opened.optimization).toMatch(reason);
  });

  test("of bytes, or for another device, says so", async () => {
    const bytes = new Uint8Array(await (await import("node:fs/promises")).readFile(model));
    const opened = await open(bytes, { optimize: true });
    await opened.close();
    expect(opened.optimization).toMatch(/given as bytes/);
  });

  test("does not trust a file that was not compared to its end", async () => {
    await Promise.all((await kept()).map((name) => rm(join(folder, "cache", "se-onnx", "optimized", name))));
    await (await open(model, { optimize: true })).close();
    const [name = ""] = await kept();
    await writeFile(join(folder, "cache", "se-onnx", "optimized", name.replace(".onnx", ".untried.onnx")), "half");
    const opened = await open(model, { optimize: true });
    await opened.close();
    expect(opened.optimization).toMatchObject({ path: expect.stringMatching(/[0-9a-f]{24}\.onnx$/) });
  });
});
