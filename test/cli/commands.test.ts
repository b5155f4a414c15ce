import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { readModel } from "../../src/export/node/read-model.js";
import { writeModel } from "../../src/export/node/write-model.js";
import { imagenetLabels } from "../../src/infer/imagenet.js";
import { decodeNpy, encodeNpy } from "../../src/infer/npy.js";
import { photo, seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const run = (...args: string[]) => seOnnx(args, { cwd: folder });
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

beforeAll(async () => {
  const build = ["build", "--backbone", "resnet18", "--input-size", "64"];
  await run(...build, "-o", "m.onnx");
  await run(...build, "--seed", "1", "-o", "other.onnx");
  await run(...build, "--no-fold", "-o", "unfolded.onnx");
  await run(...build, "--se-form", "conv", "--no-fold", "-o", "conv.onnx");
  await run(...build, "--no-se", "--batch", "2", "-o", "plain.onnx");
});

describe("list", () => {
  test("names every backbone with the figures of its default build", async () => {
    const rows = await json("list");
    expect(rows.map((r: { name: string }) => r.name)).toEqual(backbones.map((b) => b.name));
    expect(rows[2]).toMatchObject({
      name: "resnet50",
      family: "resnet",
      parameters: 28_071_976,
      macs: 4_091_699_200,
      seBlocks: 16,
      input: 224,
    });
    expect((await run("list", "resnext*")).stdout.trim().split("\n")).toHaveLength(7);
    expect(await run("list", "vit")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no backbone matches 'vit'/),
    });
  });
});

describe("info", () => {
  test("counts multiply-adds in a file that says no shapes between its nodes", async () => {
    const theirs = fileURLToPath(new URL("../graph/goldens/exported-se/conv-norm.onnx", import.meta.url));
    const [convolution, gate] = [10 * 10 * 32 * 3 * 3 * 3, 2 * 32 * 8];
    expect((await json("info", theirs)).macs).toBe(convolution + gate);
  });

  test("describes our own file", async () => {
    const d = await json("info", "m.onnx");
    expect(d).toMatchObject({
      opset: 18,
      irVersion: 8,
      parameters: 11_776_552,
      producer: expect.stringMatching(/^se-onnx /),
    });
    expect(d.ops).toMatchObject({ Conv: 20, Mul: 8, Sigmoid: 8 });
    expect(d.se).toHaveLength(8);
    expect(d.se[0]).toMatchObject({ name: "layer1.0.se", channels: 64, hidden: 4, r: 16, form: "gemm" });
    expect(JSON.parse(d.metadata["se-onnx.weights"])).toEqual({ source: "random", seed: 0 });
    const [first] = JSON.parse(d.metadata["se-onnx.se"]);
    const block = { squeeze: "avg", excitation: "Sigmoid", bias: false };
    expect(first).toEqual({ name: "layer1.0.se", channels: 64, hidden: 4, ...block });
  });
  test("finds the blocks in both forms, folded or not", async () => {
    for (const file of ["unfolded.onnx", "conv.onnx"]) expect((await json("info", file)).se).toHaveLength(8);
    expect((await json("info", "plain.onnx")).se).toEqual([]);
  });
  test("counts the parameters of a file without metadata", async () => {
    expect((await run("info", "unfolded.onnx", "--text")).stdout).toMatch(
      /^layer1.0.se: float32\[N,64,16,16\] = Mul\(/m,
    );
  });
});

describe("check", () => {
  test("passes what build writes", async () => {
    expect(await json("check", "m.onnx")).toEqual({ valid: true, problems: [] });
  });
  test.each([
    ["a truncated file", async () => (await readFile(join(folder, "m.onnx"))).subarray(0, 1_000_000)],
    ["a foreign file", async () => readFile(photo("chelsea.png"))],
    ["an empty file", async () => Buffer.alloc(0)],
  ])("refuses %s with exit code 2 and names the file", async (_, bytes) => {
    await writeFile(join(folder, "bad.onnx"), await bytes());
    for (const command of ["check", "info"]) {
      const { code, stdout, stderr } = await run(command, "bad.onnx");
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^error: .*bad\.onnx.*\n$/);
    }
    expect((await run("run", "bad.onnx", photo("chelsea.png"))).code).toBe(2);
  });
});

describe("compare", () => {
  test("folding and the form of the layers change nothing that matters", async () => {
    for (const file of ["unfolded.onnx", "conv.onnx"]) {
      const c = await json("compare", "m.onnx", file, "--image", photo("chelsea.png"));
      expect(c).toMatchObject({ passed: true, top1Agreement: 1 });
      expect(c.maxRel).toBeLessThan(1e-5);
    }
  });
  test("other weights do not pass: exit code 1", async () => {
    const { code, stdout } = await run("compare", "m.onnx", "other.onnx", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).passed).toBe(false);
  });
});

describe("run", () => {
  test("classifies files and folders, as many at a time as asked", async () => {
    await mkdir(join(folder, "photos"), { recursive: true });
    for (const name of ["chelsea.png", "rocket.jpg", "coffee.png"])
      await copyFile(photo(name), join(folder, "photos", name));
    const one = await json("run", "m.onnx", "photos", "--batch", "1", "--top-k", "3");
    expect(one).toMatchObject({ device: "cpu", requestedDevice: "cpu" });
    expect(one.images.map((i: { file: string }) => i.file)).toEqual(
      ["chelsea.png", "coffee.png", "rocket.jpg"].map((n) => join("photos", n)),
    );
    expect(one.images[0].predictions).toHaveLength(3);
    expect(one.images[0].predictions[0].label).toBeNull();
    expect(one.images[0].ms).toEqual({
      decode: expect.any(Number),
      preprocess: expect.any(Number),
      run: expect.any(Number),
    });
    const all = await json("run", "m.onnx", "photos", "--top-k", "3");
    const indices = (r: typeof one) =>
      r.images.map((i: { predictions: { index: number }[] }) => i.predictions.map((p) => p.index));
    expect(indices(all)).toEqual(indices(one));
  });
  test("a model built for two images takes three", async () => {
    expect((await json("run", "plain.onnx", "photos")).images).toHaveLength(3);
  });
  test("prints names, but none for random weights, of which it says that they mean nothing", async () => {
    const classify = (model: string) => run("run", model, photo("chelsea.png"), "--labels", "imagenet");
    const best = (stdout: string) => (stdout.split("\n")[1] ?? "").replace(/^ *[\d.]+% +/, "");
    const random = await classify("m.onnx");
    expect(best(random.stdout)).toMatch(/^class \d+$/);
    expect(random.stderr).toMatch(/random/);
    const { graph, close } = await readModel(join(folder, "m.onnx"));
    graph.metadata.set("se-onnx.weights", JSON.stringify({ source: "file", name: "trained.safetensors" }));
    await writeModel(graph, join(folder, "trained.onnx"));
    await close();
    const trained = await classify("trained.onnx");
    expect(imagenetLabels).toContain(best(trained.stdout));
    expect(trained.stderr).not.toMatch(/random/);
  });
  test("one bad picture among good ones: exit code 1, the others unharmed", async () => {
    await writeFile(join(folder, "photos", "bad.png"), "no picture");
    const { code, stdout } = await run("run", "m.onnx", "photos", "--json");
    expect(code).toBe(1);
    const { images } = JSON.parse(stdout);
    expect(images.filter((i: { predictions?: unknown }) => i.predictions)).toHaveLength(3);
    expect(images.find((i: { error?: string }) => i.error).error).toMatch(/bad\.png/);
    expect((await run("run", "m.onnx", "photos/bad.png")).code).toBe(2);
  });
  test("raw tensors in, .npy files out", async () => {
    const data = Float32Array.from({ length: 3 * 3 * 64 * 64 }, (_, i) => Math.sin(i));
    await writeFile(join(folder, "x.npy"), encodeNpy({ dtype: "float32", shape: [3, 3, 64, 64], data }));
    const { outputs } = await json("run", "m.onnx", "--input", "input=x.npy", "--output-dir", "out");
    expect(outputs.logits).toEqual({ dtype: "float32", shape: [3, 1000], file: join("out", "logits.npy") });
    const logits = decodeNpy(await readFile(join(folder, "out", "logits.npy")), "logits");
    expect(logits.shape).toEqual([3, 1000]);
    expect(new Set(Array.from(logits.data, Number)).size).toBeGreaterThan(2000);
  });
  test.each([
    [["m.onnx"], /give pictures to classify/],
    [["m.onnx", "no.jpg"], /no file or folder 'no\.jpg'/],
    [["no.onnx", "x.npy"], /no file 'no\.onnx'/],
    [["m.onnx", "x.npy", "--device", "gpu9"], /no device 'gpu9'/],
    [["m.onnx", "--input", "pixels=x.npy"], /no input 'pixels': its inputs are input/],
    [["m.onnx", "--input", "input=photos/bad.png"], /is no \.npy file/],
  ])("run %j is refused with exit code 2", async (args, message) => {
    const { code, stderr } = await run("run", ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

test("help shows every command with an example, and --version the version", async () => {
  const { stdout } = await run("--help");
  for (const name of ["build", "list", "info", "run", "compare", "check", "demo"]) {
    expect(stdout).toContain(name);
    expect((await run(name, "--help")).stdout).toMatch(/Examples?:\n {2}\$ se-onnx/);
  }
  expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await run("buld")).code).toBe(2);
});
