import { describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { blocks } from "../../dist/models/attention/index.js";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { type BuildOptions, buildModel, encodeToBytes } from "../../dist/src/index.js";
import { type ClassedImage, decodeImage, gates, type ImageSource, open, prepare } from "../../dist/src/node.js";
import { type GateOutput, gateTally } from "../../src/infer/gates.js";
import { photo } from "../cli/se-onnx.js";

const network = (options: BuildOptions = {}) => buildModel("cifar_resnet20", cifar_resnet20, options).graph;
const model = await encodeToBytes(network());
const [cat, rocket] = [photo("chelsea.png"), photo("rocket.jpg")];

describe("gates", () => {
  const withChannelGate = blocks.filter(({ name }) => name !== "no-squeeze");
  test.each(withChannelGate)("of $name are what the graph computes", async ({ block }) => {
    const se = { block, r: 4 };
    const report = await gates(await encodeToBytes(network({ se })), [cat]);
    const exposed = await open(await encodeToBytes(network({ se, exposeGates: true })));
    const data = prepare(await decodeImage(cat), exposed.setup.preprocessing);
    const { logits: _, ...outputs } = await exposed.run({ input: { dtype: "float32", shape: [1, 3, 32, 32], data } });
    await exposed.close();
    const expected = Object.values(outputs).map((gate) => Array.from(gate.data, Number));
    expect(expected).toHaveLength(9);
    expect(report.blocks.map((b) => b.gates)).toEqual(expected);
  });

  test("are averaged over images, and over those of each class", async () => {
    const images: readonly ClassedImage<ImageSource>[] = [
      { image: cat, className: "cat" },
      { image: rocket, className: "rocket" },
      { image: await decodeImage(rocket), className: "rocket" },
    ];
    const alone = await Promise.all([cat, rocket].map((image) => gates(model, [image])));
    const { blocks, ...rest } = await gates(model, images);
    expect(rest).toEqual({ device: "cpu", images: 3, failed: 0, failures: [] });
    for (const [i, block] of blocks.entries()) {
      const [ofCat, ofRocket] = alone.map((report) => report.blocks[i]!.gates) as [
        readonly number[],
        readonly number[],
      ];
      expect(block.classes.map(({ name, images }) => [name, images])).toEqual([
        ["cat", 1],
        ["rocket", 2],
      ]);
      for (const [c, gate] of block.gates.entries()) {
        expect(gate).toBeCloseTo((ofCat[c]! + 2 * ofRocket[c]!) / 3, 12);
        expect(block.classes.map(({ gates }) => gates[c])).toEqual([ofCat[c], ofRocket[c]]);
      }
      const apart = block.gates.map((_, c) => Math.abs(ofCat[c]! - ofRocket[c]!) / 2);
      expect(block.classStd).toBeCloseTo(apart.reduce((a, b) => a + b, 0) / apart.length, 12);
    }
    expect(blocks.some(({ classStd }) => Number(classStd) > 0.01)).toBe(true);
  });

  test("of a model with a batch of its own are those of the images alone", async () => {
    const four = await gates(await encodeToBytes(network({ batch: 4 })), [rocket]);
    const one = await gates(model, [rocket]);
    for (const [i, block] of four.blocks.entries())
      for (const [c, gate] of block.gates.entries()) expect(gate).toBeCloseTo(one.blocks[i]!.gates[c]!, 5);
  });

  test("of a float16 network are read", async () => {
    const half = await gates(await encodeToBytes(network({ dtype: "fp16" })), [cat]);
    const full = await gates(model, [cat]);
    for (const [i, { mean }] of half.blocks.entries()) expect(mean).toBeCloseTo(full.blocks[i]!.mean, 2);
  });

  test("leave images out that cannot be read, and say why", async () => {
    const progress: number[] = [];
    const { images, failed, failures } = await gates(model, ["nowhere.jpg", cat, new Uint8Array(9)], {
      onProgress: ({ done, failed }) => progress.push(done, failed),
    });
    expect({ images, failed, progress }).toEqual({ images: 1, failed: 2, progress: [1, 1, 2, 1, 3, 2] });
    expect(failures[0]).toBe("'nowhere.jpg' does not exist; give an image file");
    expect(failures[1]).toMatch(/^Image 2 \(counted from 0\) is not a JPEG/);
  });

  test("need an image that can be read", async () => {
    await expect(gates(model, ["a.jpg"])).rejects.toThrow("'a.jpg' does not exist; give an image file");
    await expect(gates(model, ["a.jpg", "b.jpg"])).rejects.toThrow(/^no image could be read: 'a\.jpg' does not exist/);
    await expect(gates(model, [])).rejects.toThrow("there is no image whose gates could be averaged");
  });

  test("need a block", async () => {
    await expect(gates(await encodeToBytes(network({ se: null })), [cat])).rejects.toThrow(
      /^the model has no Squeeze-and-Excitation block/,
    );
  });

  test("need images of the model's size", async () => {
    await expect(gates(model, [cat], { inputSize: [32, 64] })).rejects.toThrow(
      "the model takes input: float32[N,3,32,32], which images of 32x64 (height x width) do not fit: give the input size, --input-size 32x32 say",
    );
  });

  test("take images as they are needed, and stop when they are told to", async () => {
    const stop = new AbortController();
    let [taken, done, most] = [0, 0, 0];
    async function* endless() {
      for (;;) {
        taken++;
        most = Math.max(most, taken - done);
        yield rocket;
      }
    }
    const onProgress = (progress: { readonly done: number }): void => {
      done = progress.done;
      if (done === 20) stop.abort(new Error("enough"));
    };
    await expect(gates(model, endless(), { signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect(done).toBe(20);
    expect(most).toBeLessThan(10);
  });
});

describe("a tally", () => {
  const outputs: readonly GateOutput[] = [{ block: "se", output: "gate" }];
  const gate = (...values: readonly number[]) => ({
    gate: { dtype: "float32" as const, shape: [values.length / 2, 2, 1, 1], data: Float32Array.from(values) },
  });

  test("has means over images and spreads over channels", () => {
    const tally = gateTally(outputs);
    tally.add(gate(0, 0.5), "b");
    tally.add(gate(1, 0.5), "a");
    tally.add(gate(0.5, 0.5, 9, 9)); // a second row is padding
    expect(tally.statistics()).toEqual([
      {
        name: "se",
        channels: 2,
        mean: 0.5,
        std: 0,
        min: 0.5,
        max: 0.5,
        gates: [0.5, 0.5],
        classes: [
          { name: "a", images: 1, mean: 0.75, std: 0.25, min: 0.5, max: 1, gates: [1, 0.5] },
          { name: "b", images: 1, mean: 0.25, std: 0.25, min: 0, max: 0.5, gates: [0, 0.5] },
        ],
        classStd: 0.25,
      },
    ]);
  });

  test("refuses outputs that it cannot read", () => {
    const tally = gateTally(outputs);
    expect(() => tally.add({})).toThrow("the model gave no output 'gate'");
    const data = Int32Array.of(1);
    expect(() => tally.add({ gate: { dtype: "int32", shape: [1, 1], data } })).toThrow(
      "the gate 'gate' is int32, but only float32 and float16 are read",
    );
    expect(() => tally.statistics()).toThrow("there is no image");
  });
});
