import { describe, expect, test } from "vitest";
import { UserError } from "../../src/graph/error.js";
import { tensorType } from "../../src/graph/type.js";
import type { Classification, ClassifierSetup } from "../../src/infer/classify.js";
import { openedModel } from "../../src/infer/opened-model.js";
import type { Preparer } from "../../src/infer/preparer.js";
import { imagenetPreprocessing } from "../../src/infer/preprocess.js";
import type { Session } from "../../src/infer/session.js";

const CLASSES = 1000;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const setup: ClassifierSetup = {
  preprocessing: { ...imagenetPreprocessing(1), input_size: [3, 1, 1] },
  pixelType: "float32",
  labels: null,
  origin: null,
  probabilities: false,
};

/** A model that gives a picture the class that its first number says. A picture is its class; a negative one cannot be read. */
function fake({ batch = "N" as number | string, runMs = 1, prepareMs = 0, failAt = Number.POSITIVE_INFINITY } = {}) {
  const seen = { batches: [] as number[], hurried: 0, kept: 0, mostKept: 0, prepared: 0, closed: 0 };
  let last: Promise<unknown> = Promise.resolve();
  const session: Session = {
    provider: "fake",
    tried: [],
    fallback: false,
    inputs: [{ name: "input", type: tensorType("float32", [batch, 3, 1, 1]) }],
    outputs: [{ name: "logits", type: tensorType("float32", [batch, CLASSES]) }],
    run(feeds) {
      const { data, shape } = feeds.input ?? { data: new Float32Array(), shape: [0] };
      const rows = shape[0] ?? 0;
      const copy = Float32Array.from(data as Float32Array); // as the classifier feeds it
      const result = last.then(async () => {
        seen.batches.push(rows);
        if (seen.batches.length > failAt) throw new UserError("the session is lost");
        await wait(runMs);
        const logits = new Float32Array(rows * CLASSES);
        for (let row = 0; row < rows; row++) logits[row * CLASSES + (copy[row * 3] ?? 0)] = 10;
        return { logits: { dtype: "float32" as const, shape: [rows, CLASSES], data: logits } };
      });
      last = result.catch(() => {});
      return result;
    },
    placement: async () => ({}),
    close: async () => {
      seen.closed++;
    },
  };
  let prepared: Promise<unknown> = Promise.resolve();
  const preparer: Preparer<{ readonly kind: number }> = {
    async prepare({ kind }, name) {
      prepared = prepareMs ? prepared.then(() => wait(prepareMs)) : wait(0);
      await prepared;
      if (kind < 0) throw new UserError(`${name} is damaged`);
      seen.prepared++;
      seen.mostKept = Math.max(seen.mostKept, ++seen.kept);
      return {
        data: new Float32Array(3).fill(kind),
        ms: { decode: 1, preprocess: 1 },
        release: () => void seen.kept--,
      };
    },
    hurry: () => void seen.hurried++,
    ready: async () => {},
    close: async () => {
      seen.closed++;
    },
  };
  const isImage = (given: unknown): given is { kind: number } =>
    typeof given === "object" && given !== null && "kind" in given;
  return { model: openedModel(session, setup, preparer, isImage), seen };
}
const best = ({ predictions }: Classification) => predictions[0]?.index;
const images = (n: number) => Array.from({ length: n }, (_, kind) => ({ kind }));

describe("classify", () => {
  test("gives one result for one image, an array for an array, a stream for anything else", async () => {
    const { model } = fake();
    expect(best(await model.classify({ kind: 7 }))).toBe(7);
    expect((await model.classify(images(3))).map(best)).toEqual([0, 1, 2]);
    const stream = [];
    for await (const result of model.classify(new Set(images(3)))) stream.push(best(result));
    async function* later() {
      yield* images(2);
    }
    for await (const result of model.classify(later())) stream.push(best(result));
    expect(stream).toEqual([0, 1, 2, 0, 1]);
    expect(await model.classify([])).toEqual([]);
  });

  test("merges 64 calls at once into full batches, loses none and says how long each took", async () => {
    const { model, seen } = fake();
    const results = await Promise.all(images(64).map((image) => model.classify(image, { topK: 1 })));
    expect(results.map(best)).toEqual(images(64).map(({ kind }) => kind));
    expect(seen.batches.reduce((a, b) => a + b)).toBe(64);
    expect(seen.batches.length).toBeLessThan(16); // 8 would be the fewest
    for (const { ms } of results) expect(ms.latency).toBeGreaterThan(0);
    expect(seen.kept).toBe(0);
  });

  test("keeps a bounded number of tensors and images, however many there are", async () => {
    const { model, seen } = fake({ runMs: 0 });
    let [given, taken, most] = [0, 0, 0];
    function* source() {
      for (; given < 3000; given++) {
        most = Math.max(most, given - taken);
        yield { kind: given % CLASSES };
      }
    }
    for await (const result of model.classify(source(), { batch: 4, topK: 1 }))
      expect(best(result)).toBe(taken++ % CLASSES);
    expect(taken).toBe(3000);
    expect(most).toBeLessThanOrEqual(21);
    expect(seen.mostKept).toBeLessThanOrEqual(8);
    expect(seen.batches.filter((n) => n === 4).length).toBeGreaterThan(700);
  });

  test("reports an image that cannot be read in its place, by name; alone, throws it", async () => {
    const { model, seen } = fake();
    const given = [{ kind: 1 }, { kind: -1 }, { kind: 3 }];
    const progress: object[] = [];
    const results = await model.classify(given, { onProgress: (p) => progress.push({ ...p }) });
    expect(results.map((r) => r.error?.message ?? best(r))).toEqual([1, "Image 1 (counted from 0) is damaged", 3]);
    expect(results[1]?.predictions).toEqual([]);
    expect(progress).toEqual([
      { done: 1, failed: 0, total: 3 },
      { done: 2, failed: 1, total: 3 },
      { done: 3, failed: 1, total: 3 },
    ]);
    await expect(model.classify({ kind: -1 })).rejects.toThrow(new UserError("The image is damaged"));
    expect((await model.classify([{ kind: -1 }, { kind: -1 }])).filter((r) => r.error)).toHaveLength(2);
    expect(seen.kept).toBe(0);
  });

  test("gives a model of a fixed batch size full batches, and never more than it takes", async () => {
    const { model, seen } = fake({ batch: 4 });
    expect((await model.classify(images(6), { batch: 16 })).map(best)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(seen.batches)).toEqual(new Set([4]));
  });

  test("stops at a signal; images that wait are not run, other calls go on", async () => {
    const { model, seen } = fake({ runMs: 20 });
    const abort = new AbortController();
    const other = model.classify(images(3));
    const stream = model.classify(images(1000).values(), { signal: abort.signal });
    await expect(
      (async () => {
        for await (const _ of stream) abort.abort(new Error("enough"));
      })(),
    ).rejects.toThrow("enough");
    expect((await other).map(best)).toEqual([0, 1, 2]);
    await wait(100);
    expect(seen.batches.reduce((a, b) => a + b)).toBeLessThan(50);
    expect(seen.kept).toBe(0);
    expect((await model.classify(images(3))).map(best)).toEqual([0, 1, 2]);
  });

  test("stops when its results are not wanted any more", async () => {
    const { model, seen } = fake({ runMs: 5 });
    for await (const _ of model.classify(images(1000).values())) break;
    await wait(50);
    expect(seen.prepared).toBeLessThan(60);
    expect(seen.kept).toBe(0);
  });

  test("throws where the model cannot run, which is no fault of an image", async () => {
    const { model } = fake({ failAt: 1 });
    await expect(model.classify(images(40))).rejects.toThrow("the session is lost");
  });

  test("asks for faster preparation only where the model waits for it", async () => {
    const slow = fake({ runMs: 50 });
    await slow.model.classify(images(40));
    expect(slow.seen.hurried).toBe(0);
    const fast = fake({ runMs: 0, prepareMs: 5 });
    await fast.model.classify(images(40), { batch: 2 });
    expect(fast.seen.hurried).toBeGreaterThan(0);
  });
});

test("warmup runs one batch, and close closes session and preparer", async () => {
  const { model, seen } = fake();
  await model.warmup({ batch: 3 });
  expect(seen.batches).toEqual([3]);
  await model.close();
  expect(seen.closed).toBe(2);
});
