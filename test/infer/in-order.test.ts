import { describe, expect, test } from "vitest";
import { inOrder } from "../../src/infer/in-order.js";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe("results come in the order of the items", () => {
  test("whichever is done first", async () => {
    const delays = [30, 1, 20, 0, 10];
    const results = await collect(inOrder(delays, 3, async (ms, index) => wait(ms).then(() => index)));
    expect(results).toEqual([0, 1, 2, 3, 4]);
  });
  test("of no items, at once", async () => {
    expect(await collect(inOrder([], 3, async (x) => x))).toEqual([]);
  });
  test("as soon as they are there, though the source is slow", async () => {
    let given = 0;
    async function* slow() {
      while (given < 3) {
        if (given) await wait(50);
        yield given++;
      }
    }
    const taken: number[] = [];
    for await (const _ of inOrder(slow(), 10, async (x) => x)) taken.push(given);
    expect(taken).toEqual([1, 2, 3]); // none waits for the next item
  });
});

test("at most `limit` items are taken from the source and not handed on", async () => {
  let [given, taken, most] = [0, 0, 0];
  function* source() {
    for (; given < 10_000; given++) {
      most = Math.max(most, given + 1 - taken);
      yield given;
    }
  }
  for await (const x of inOrder(source(), 7, async (x) => (x % 5 ? x : wait(0).then(() => x)))) expect(x).toBe(taken++);
  expect(taken).toBe(10_000);
  expect(most).toBeGreaterThan(5);
  expect(most).toBeLessThanOrEqual(8); // one more while it is asked for
});

describe("ends early", () => {
  test("by an error of the source, after the results before it", async () => {
    const taken: number[] = [];
    function* source() {
      yield 1;
      yield 2;
      throw new Error("no more");
    }
    await expect(
      (async () => {
        for await (const x of inOrder(source(), 5, async (x) => wait(5).then(() => x))) taken.push(x);
      })(),
    ).rejects.toThrow("no more");
    expect(taken).toEqual([1, 2]);
  });
  test("by an error of the work, and closes the source", async () => {
    let closed = false;
    async function* source() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    const failing = inOrder(source(), 4, async (x) => {
      if (x === 2) throw new Error("of item 2");
      return x;
    });
    await expect(collect(failing)).rejects.toThrow("of item 2");
    await wait(0);
    expect(closed).toBe(true);
  });
  test("by a break, and closes the source", async () => {
    let closed = false;
    function* source() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    for await (const x of inOrder(source(), 4, async (x) => x)) if (x === 5) break;
    expect(closed).toBe(true);
  });
  test("by a signal, though source and work hang, with its reason", async () => {
    const abort = new AbortController();
    async function* hanging() {
      yield 1;
      await new Promise(() => {});
    }
    setTimeout(() => abort.abort(new Error("enough")), 10);
    await expect(collect(inOrder(hanging(), 4, () => new Promise(() => {}), abort.signal))).rejects.toThrow("enough");
    await expect(collect(inOrder([1], 4, async (x) => x, AbortSignal.abort()))).rejects.toThrow(/aborted/);
  });
});
