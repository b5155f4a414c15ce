import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { resnet18 } from "../../dist/models/resnet.js";
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { decodeImage, open } from "../../dist/src/node.js";
import { photo } from "../cli/se-onnx.js";
import { cpuMs } from "../cpu-time.js";

/** Processor time between two turns of the event loop while all cores work. */
const MOST_MS = 20 * availableParallelism();

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
    const started = cpuMs();
    await model.run({ input: { dtype: "float32", shape: [4, 3, 224, 224], data } });
    const worked = cpuMs() - started;
    clearInterval(timer);
    await model.close();
    expect(whileOpening).toBeGreaterThan(0);
    expect(ticks - whileOpening).toBeGreaterThan(worked / MOST_MS);
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
    const own = await model.classify(photo("chelsea.png"));
    const given = await model.classify(photo("chelsea.png"), { labels });
    await model.close();
    for (const c of [own, given]) expect(c.predictions.map((p) => p.label)).toEqual([null, null, null, null, null]);
  });

  test("classifies 64 pictures in 64 calls at once, each with its own result, and leaves the event loop free", async () => {
    const model = await open(bytes);
    await model.warmup();
    const paths = ["chelsea.png", "rocket.jpg", "coffee.png"].map(photo);
    const alone = await model.classify(paths, { topK: 1 });
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
    }, 1);
    const [started, worked] = [performance.now(), cpuMs()];
    const calls = Array.from({ length: 64 }, (_, i) => model.classify(paths[i % 3] ?? "", { topK: 1 }));
    const results = await Promise.all(calls);
    const [elapsed, done] = [performance.now() - started, cpuMs() - worked];
    clearInterval(timer);
    await model.close();
    const scores = alone.map((c) => c.predictions[0]?.score ?? 0);
    expect(new Set(alone.map((c) => c.predictions[0]?.score)).size).toBe(3);
    for (const [i, { predictions, ms }] of results.entries()) {
      expect(predictions[0]?.index).toBe(alone[i % 3]?.predictions[0]?.index);
      expect(predictions[0]?.score).toBeCloseTo(scores[i % 3] ?? 0, 5);
      expect(ms.latency).toBeGreaterThan(ms.run);
      expect(ms.latency).toBeLessThan(elapsed + 1);
    }
    expect(ticks).toBeGreaterThan(done / MOST_MS);
  });

  test("streams pictures of all kinds; one that is missing has an error and harms no other", async () => {
    const model = await open(bytes);
    const path = photo("chelsea.png");
    async function* pictures() {
      yield path;
      yield "no.jpg";
      yield new Uint8Array(5);
      yield { width: 2, height: 2, data: new Uint8Array(3) };
      yield await readFile(path);
    }
    const results = [];
    for await (const result of model.classify(pictures(), { batch: 2 })) results.push(result);
    await expect(model.classify("no.jpg")).rejects.toThrow("'no.jpg' does not exist; give an image file");
    await model.close();
    expect(results.map((r) => r.error?.message ?? r.predictions.length)).toEqual([
      5,
      "'no.jpg' does not exist; give an image file",
      "Image 2 (counted from 0) is not a JPEG, PNG, WebP, GIF or TIFF image; convert it to one of these",
      expect.stringMatching(/^Image 3 \(counted from 0\): An RGB image of 2x2 pixels has 12 bytes, but 3 are given/),
      5,
    ]);
    expect(results[4]?.predictions).toEqual(results[0]?.predictions);
  });

  test("closed while pictures wait: every call ends with a sentence", async () => {
    const model = await open(bytes);
    const calls = Array.from({ length: 20 }, () => model.classify(photo("chelsea.png")));
    const ends = Promise.allSettled(calls);
    await model.close();
    for (const end of await ends) expect(end.status === "rejected" && end.reason.message).toBe("the session is closed");
    await expect(model.classify(photo("chelsea.png"))).rejects.toThrow("the session is closed");
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
    await expect(open(bytes, { device: "abacus" })).rejects.toThrow(/no device 'abacus': choose /);
  });
});
