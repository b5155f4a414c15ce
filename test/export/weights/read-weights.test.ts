import { describe, expect, test } from "vitest";
import { readWeights } from "../../../src/export/weights/read-weights.js";
import type { Ranged } from "../../../src/graph/tensor.js";
import { show } from "../../../src/graph/type.js";
import { zipOf } from "./archive.js";
import { expected, fixture, plainTensors, ranged, refusal } from "./files.js";

const sibling = async (name: string): Promise<Ranged> => ranged(await fixture(name));
const read = async (name: string): ReturnType<typeof readWeights> =>
  readWeights(ranged(await fixture(name)), "checkpoint", sibling);
const readText = (text: string, open = sibling): ReturnType<typeof readWeights> =>
  readWeights(ranged(new TextEncoder().encode(text)), "checkpoint", open);

describe("the format is told by the bytes", () => {
  test.each([
    ["zip.pth", "PyTorch"],
    ["legacy.pth", "PyTorch"],
    ["tar.pth", "PyTorch"],
    ["deflated.pth", "PyTorch"],
    ["stored.npz", "NumPy"],
    ["packed.npz", "NumPy"],
    ["model.safetensors.index.json", "safetensors, 2 files"],
    ["other.onnx", "ONNX"],
  ])("%s is %s", async (name, format) => {
    const checkpoint = await read(name);
    expect([checkpoint.name, checkpoint.format]).toEqual(["checkpoint", format]);
    expect(await plainTensors(checkpoint)).toEqual(await expected(name));
  });
  test("safetensors", async () => {
    const { tensors, format } = await read("model-00001-of-00002.safetensors");
    expect([format, Array.from(tensors, ([key, t]) => `${key} ${show(t)}`)]).toEqual([
      "safetensors",
      ["a float32[2,2]"],
    ]);
  });
  test("of nothing that is known, the sentence says what is", async () => {
    for (const text of ["", "x", "<!DOCTYPE html><html></html>", "version https://git-lfs.github.com/spec/v1\n"])
      expect(await refusal(() => readText(text))).toContain("it is none of safetensors, PyTorch's .pth, .npz, .onnx");
    expect(await refusal(() => readWeights(ranged(zipOf([{ name: "a.txt", data: new Uint8Array() }])), "x.zip"))).toBe(
      "x.zip is no .npz file: it has 'a.txt'",
    );
  });
  test("a safetensors header of 2^60 bytes is called one", async () => {
    expect(await refusal(() => readText("\0\0\0\0\0\0\0\x10{}"))).toContain(
      "announce a header of 1152921504606846976 bytes",
    );
  });
});

test("prefixes that all keys have are taken off, and a note says so", async () => {
  const checkpoint = await read("wrapped.pth");
  expect(await plainTensors(checkpoint)).toEqual(await expected("wrapped.pth"));
  expect(checkpoint.notes.at(-1)).toBe("'module.' was taken off the front of every key");
});

describe("an index", () => {
  const index = (weight_map: unknown): string => JSON.stringify({ metadata: {}, weight_map });
  test("opens each of its files once", async () => {
    const opened: string[] = [];
    await readWeights(ranged(await fixture("model.safetensors.index.json")), "i", (name) => {
      opened.push(name);
      return sibling(name);
    });
    expect(opened).toEqual(["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]);
  });
  test("may be of PyTorch's files, and prefixes are those of all of them", async () => {
    const { tensors, format } = await readText(index({ "fc.bias": "float.pth" }));
    expect([format, [...tensors.keys()]]).toEqual(["PyTorch, 1 files", ["fc.bias"]]);
    const { tensors: wrapped } = await readText(
      index({ "module.fc.bias": "wrapped.pth", a: "model-00001-of-00002.safetensors" }),
    );
    expect([...wrapped.keys()]).toEqual(["module.fc.bias", "a"]);
  });
  test.each([
    [
      { x: "model-00001-of-00002.safetensors" },
      "says that 'x' is in 'model-00001-of-00002.safetensors', but it is not",
    ],
    [{ a: "../model.safetensors" }, `'a' is in "../model.safetensors", which is no name of a file beside it`],
    [{ a: ".." }, `'a' is in "..", which is no name of a file beside it`],
    [{ a: "c:\\x" }, "which is no name of a file beside it"],
    [{ a: 3 }, "'a' is in 3, which is no name of a file beside it"],
    [[], "it is no JSON object with a weight_map"],
    [{ a: "model.safetensors.index.json" }, "is an index of other files, which cannot be opened from here"],
  ])("%j", async (map, sentence) => {
    expect(await refusal(() => readText(index(map)))).toContain(sentence);
  });
  test("that is cut short, or of no files", async () => {
    expect(await refusal(() => readText('{"weight_map": {'))).toBe(
      "checkpoint is no index of a checkpoint: it is no JSON object with a weight_map",
    );
    expect((await readText(index({}))).tensors.size).toBe(0);
  });
});
