import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { resnet18 } from "../../dist/models/resnet.js";
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { decodeImage, open } from "../../dist/src/node.js";
import { photo } from "../cli/se-onnx.js";

let bytes: Uint8Array;
let random: Uint8Array;
beforeAll(async () => {
  const { graph } = buildModel("resnet18", resnet18, { labels: Array.from({ length: 1000 }, (_, i) => `c${i}`) });
  random = await encodeToBytes(graph);
  graph.metadata.set("se-onnx.weights", JSON.stringify({ source: "file", name: "trained.safetensors" }));
  bytes = await encodeToBytes(graph);
});

describe("a session in Node", () => {
  test("leaves the event loop free while it is made and while it runs", async () => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
    }, 1);
    const model = await open(bytes);
    const whileOpening = ticks;
    const data = new Float32Array(4 * 3 * 224 * 224);
    const started = performance.now();
    await model.run({ input: { dtype: "float32", shape: [4, 3, 224, 224], data } });
    const elapsed = performance.now() - started;
    clearInterval(timer);
    await model.close();
    expect(whileOpening).toBeGreaterThan(0);
    expect(ticks - whileOpening).toBeGreaterThan(elapsed / 20);
  });

  test("classifies paths, bytes and pixels alike, with the model's own names", async () => {
    const model = await open(bytes);
    const path = photo("chelsea.png");
    const [a, b, c] = await model.classify([path, await readFile(path), await decodeImage(path)], { topK: 2 });
    await model.close();
    expect(a?.predictions).toHaveLength(2);
    expect(a?.predictions[0]?.label).toBe(`c${a?.predictions[0]?.index}`);
    expect(b?.predictions).toEqual(a?.predictions);
    expect(c?.predictions).toEqual(a?.predictions);
  });

  test("gives no names where the weights are random, whatever is asked", async () => {
    const model = await open(random);
    const labels = Array.from({ length: 1000 }, () => "name");
    const [own] = await model.classify(photo("chelsea.png"));
    const [given] = await model.classify(photo("chelsea.png"), { labels });
    await model.close();
    for (const c of [own, given]) expect(c?.predictions.map((p) => p.label)).toEqual([null, null, null, null, null]);
  });

  test("answers calls made at once, each with its own result", async () => {
    const model = await open(bytes);
    const feed = (value: number) => ({
      input: { dtype: "float32" as const, shape: [1, 3, 224, 224], data: new Float32Array(3 * 224 * 224).fill(value) },
    });
    const alone = await model.run(feed(0.5));
    const results = await Promise.all([0, 0.5, 1].map((v) => model.run(feed(v))));
    await model.close();
    expect(results[1]).toEqual(alone);
    expect(results[0]).not.toEqual(alone);
  });

  test("refuses in sentences: wrong feeds, a closed session, no model", async () => {
    const model = await open(bytes);
    await expect(model.run({ wrong: { dtype: "float32", shape: [1], data: new Float32Array(1) } })).rejects.toThrow(
      /could not run the model/,
    );
    await model.close();
    await expect(model.run({})).rejects.toThrow("the session is closed");
    await expect(open(bytes.subarray(0, 1000))).rejects.toThrow(/./);
    await expect(open(bytes, { device: "abacus" })).rejects.toThrow(/no device 'abacus': choose cpu/);
  });
});
