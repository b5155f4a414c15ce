import { expect, test } from "vitest";
import { carrier } from "../../src/infer/node/carried-feeds.js";
import type { Feeds } from "../../src/infer/session.js";

const images = (value: number, length = 3 * 80 * 80): Feeds => ({
  flags: { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 2, 3) },
  x: { dtype: "float32", shape: [length], data: new Float32Array(length).fill(value) },
});

test("feeds are copied into one buffer, which is used again once it is back", () => {
  const { load, unload } = carrier();
  const given = images(1);
  const first = load(given);
  expect(first.feeds).toEqual(given);
  for (const { data } of Object.values(first.feeds)) expect(data.buffer).toBe(first.memory);
  const second = load(images(2)); // while the first is away
  expect(second.memory).not.toBe(first.memory);
  if (first.memory) unload(first.memory);
  expect(load(images(3)).memory).toBe(first.memory);
  expect(given).toEqual(images(1));
});

test("a buffer that is too small gives way to another", () => {
  const { load, unload } = carrier();
  const { memory } = load(images(1));
  if (memory) unload(memory);
  expect(load(images(2, 100_000)).feeds).toEqual(images(2, 100_000));
});

test("short feeds, and what is no tensor, go with the message", () => {
  const { load } = carrier();
  const short = images(1, 8);
  expect(load(short)).toEqual({ feeds: short, memory: null });
  for (const x of [undefined, { dtype: "float32", shape: [1] }, { dtype: "float32", shape: [1], data: [1] }]) {
    const wrong = { ...images(1), x } as unknown as Feeds; // as a caller without types may give
    expect(load(wrong)).toEqual({ feeds: wrong, memory: null });
  }
});
