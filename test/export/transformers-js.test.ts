import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { open } from "../../dist/src/node.js";
import { resnet18 } from "../../models/resnet.js";
import { type BuildOptions, buildModel } from "../../src/build.js";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { writeTransformersFolder } from "../../src/export/node/write-folder.js";
import { transformersFolder } from "../../src/export/transformers.js";
import { rename } from "../../src/graph/edit.js";
import { UserError } from "../../src/graph/error.js";
import type { Graph } from "../../src/graph/graph.js";
import { softmax } from "../../src/graph/ops/softmax.js";
import { show } from "../../src/graph/type.js";
import type { Pixels } from "../../src/infer/pixels.js";
import { cut, photo } from "../infer/photos.js";

const LABELS = Array.from({ length: 20 }, (_, i) => `kind ${i}`);
const built = (options: BuildOptions = {}): Graph =>
  buildModel("resnet18", resnet18, { classes: 20, labels: LABELS, ioNames: "hf", weights: { seed: 3 }, ...options })
    .graph;

describe("a folder for transformers.js", () => {
  test("names the model by what it computes in, and describes classes and preprocessing", () => {
    const { model, files } = transformersFolder(built());
    expect(model).toBe("onnx/model.onnx");
    expect(transformersFolder(built({ dtype: "fp16" })).model).toBe("onnx/model_fp16.onnx");
    expect(Object.keys(files)).toEqual(["config.json", "preprocessor_config.json"]);
    const config = JSON.parse(files["config.json"]!);
    expect(config).toMatchObject({ model_type: "resnet", num_labels: 20 });
    expect(Object.entries(config.id2label)).toHaveLength(20);
    expect(config.id2label["7"]).toBe("kind 7");
    expect(config.label2id["kind 7"]).toBe(7);
    expect(JSON.parse(files["preprocessor_config.json"]!)).toMatchObject({
      size: { shortest_edge: 256 },
      crop_size: { height: 224, width: 224 },
      resample: 2,
      rescale_factor: 1 / 255,
      image_mean: [0.485, 0.456, 0.406],
      image_std: [0.229, 0.224, 0.225],
    });
  });

  test("names classes LABEL_i where the model has no names, and follows the input size", () => {
    const { files } = transformersFolder(built({ labels: null, classes: 2, inputSize: 64, batch: 1 }));
    expect(JSON.parse(files["config.json"]!).id2label).toEqual({ 0: "LABEL_0", 1: "LABEL_1" });
    expect(JSON.parse(files["preprocessor_config.json"]!)).toMatchObject({
      size: { shortest_edge: 73 },
      crop_size: { height: 64, width: 64 },
    });
  });

  test.each<[BuildOptions, string]>([
    [{ ioNames: "default" }, "transformers.js feeds 'pixel_values', not 'input': build with --io-names hf"],
    [{ inChans: 1 }, "transformers.js feeds pictures of 3 channels, not 1: build with --in-chans 3"],
    [{ batch: 4 }, "transformers.js feeds any number of pictures, not 4: build with --batch dynamic"],
    [
      { features: ["layer4"] },
      "transformers.js reads an output 'logits' [N,classes]: build a classifier, without --features",
    ],
  ])("is refused for %o", (options, message) => {
    expect(() => transformersFolder(built({ labels: null, ...options }))).toThrow(message);
  });

  test("is refused where the model ends in a softmax, which the pipeline would repeat", async () => {
    const graph = built({ labels: null });
    const [logits] = graph.outputs;
    rename(logits!, "scores");
    graph.output(softmax(logits!), "logits");
    expect(() => transformersFolder(graph)).toThrow("transformers.js applies softmax itself");
  });

  test("is refused for a file that does not say how it wants its pictures", async () => {
    const graph = await decode(await encodeToBytes(built({ inputSize: 32 })));
    for (const key of [...graph.metadata.keys()]) graph.metadata.delete(key);
    expect(() => transformersFolder(graph)).toThrow("'resnet18' does not say how it wants its pictures");
  });
});

describe("what is written", () => {
  test("goes into a folder that is made, or nowhere", async () => {
    const parent = await mkdtemp(join(tmpdir(), "se-onnx-test-"));
    afterAll(() => rm(parent, { recursive: true, force: true }));
    const graph = built({ inputSize: 32 });
    const { file, bytes, dataFile } = await writeTransformersFolder(graph, join(parent, "made", "here"));
    expect(file).toBe(join(parent, "made", "here", "onnx", "model.onnx"));
    expect(await readFile(file)).toHaveLength(bytes);
    expect(dataFile).toBeNull();
    await expect(writeTransformersFolder(graph, join(file, "there"))).rejects.toThrow(
      new UserError(`the folder '${join(file, "there")}' cannot be made: '${file}' is no folder`),
    );
    await expect(writeTransformersFolder(built({ ioNames: "default" }), join(parent, "refused"))).rejects.toThrow(
      UserError,
    );
    expect(await readdir(parent)).toEqual(["made"]);
  });

  test("has Hugging Face's names where they are asked for", () => {
    const ports = (options: BuildOptions): string[] => {
      const { inputs, outputs } = built({ labels: null, ...options });
      return [...inputs, ...outputs].map((v) => `${v.name}: ${show(v.type)}`);
    };
    expect(ports({ ioNames: "hf" })).toEqual(["pixel_values: float32[N,3,224,224]", "logits: float32[N,20]"]);
    expect(ports({ ioNames: "default" })).toEqual(["input: float32[N,3,224,224]", "logits: float32[N,20]"]);
  });
});

interface Scored {
  readonly label: string;
  readonly score: number;
}
/** The part of @huggingface/transformers that is used here. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly RawImage: new (data: Uint8Array, width: number, height: number, channels: number) => object;
  pipeline(
    task: "image-classification",
    model: string,
    options: { readonly dtype: string; readonly device: string },
  ): Promise<{
    (images: readonly object[], options: { readonly top_k: number }): Promise<readonly (readonly Scored[])[]>;
    dispose(): Promise<void>;
  }>;
}

const PACKAGE = "@huggingface/transformers"; // in a variable, so that the types do not need the package either
const transformers: Transformers | null = await import(PACKAGE).catch(() => null);
const skipped = !transformers && process.env.CI !== "true"; // in CI it is there, or the tests fail
if (skipped) console.warn(`transformers.js' own tests are skipped: run npm install to get ${PACKAGE}`);

describe.skipIf(skipped)("its own pipeline", () => {
  let folder: string;
  const written: Record<string, string> = {};
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "se-onnx-test-")), "se-resnet18");
    for (const dtype of ["fp32", "fp16"] as const)
      written[dtype] = (await writeTransformersFolder(built({ dtype }), folder)).file;
  });
  afterAll(() => rm(dirname(folder), { recursive: true, force: true }));

  test("is given one folder for both element types", async () => {
    const files = await readdir(folder, { recursive: true });
    expect(files.sort()).toEqual([
      "config.json",
      "onnx",
      join("onnx", "model.onnx"),
      join("onnx", "model_fp16.onnx"),
      "preprocessor_config.json",
    ]);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8")).num_labels).toBe(20);
  });

  // Pictures of shorter side 256, which neither side resizes: transformers.js samples without the antialiasing that torchvision and we have.
  test.each([
    ["fp32", 1e-5],
    ["fp16", 1e-3],
  ] as const)("gives the classes and scores of classify, in %s", async (dtype, tolerance) => {
    if (!transformers) throw new Error(`the package ${PACKAGE} is not installed: run npm install`);
    Object.assign(transformers.env, { allowRemoteModels: false, localModelPath: `${dirname(folder)}/` });
    const pictures: readonly Pixels[] = [
      cut(await photo("chelsea.png"), [100, 20, 256, 256]),
      cut(await photo("coffee.png"), [30, 10, 320, 256]),
      cut(await photo("rocket.jpg"), [200, 50, 256, 300]),
    ];
    const classifier = await transformers.pipeline("image-classification", basename(folder), { dtype, device: "cpu" });
    const images = pictures.map(({ width, height, data }) => new transformers.RawImage(data, width, height, 3));
    const theirs = await classifier(images, { top_k: 5 });
    await classifier.dispose();

    const model = await open(written[dtype]!);
    const ours = await model.classify(pictures, { topK: 5 });
    await model.close();
    const names = ours.map((c) => c.predictions.map((p) => LABELS[p.index])); // our classify gives random weights no names
    expect(theirs.map((top) => top.map((p) => p.label))).toEqual(names);
    for (const [i, { predictions }] of ours.entries())
      for (const [k, { score }] of predictions.entries())
        expect(Math.abs(theirs[i]![k]!.score / score - 1)).toBeLessThan(tolerance);
    const best = theirs.map((top) => top[0]!.score);
    expect(Math.max(...best) / Math.min(...best)).toBeGreaterThan(1.05); // the network sees that the pictures differ
  });
});
