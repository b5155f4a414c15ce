import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { choice } from "../../cli/optimize-tune.js";
import { writeModel } from "../../src/export/node/write-model.js";
import { Graph } from "../../src/graph/graph.js";
import { conv } from "../../src/graph/ops/conv.js";
import { identity } from "../../src/graph/ops/identity.js";
import { relu } from "../../src/graph/ops/relu.js";
import { float32s } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";
import { encodeNpy } from "../../src/infer/npy.js";
import { photo, seOnnx, temporaryFolder } from "./se-onnx.js";

const golden = (name: string): string =>
  fileURLToPath(new URL(`../graph/goldens/exported-se/${name}.onnx`, import.meta.url));
const OPEN = golden("view-expand");
const FIXED = golden("view-expand-static");
const cwd = await temporaryFolder();
const optimize = (...args: string[]) => seOnnx(["optimize", ...args], { cwd });
const exists = async (name: string): Promise<boolean> => (await readdir(cwd)).includes(name);
const nothingLeft = async (): Promise<void> =>
  expect((await readdir(cwd)).filter((f) => f.endsWith(".tmp"))).toEqual([]);

describe("optimize", () => {
  test("writes a smaller graph with the same outputs and tells what it did", async () => {
    const { code, stdout } = await optimize(OPEN, "small.onnx", "--json", "--explain");
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      nodesBefore: 21,
      nodesAfter: 9,
      seBlocks: 1,
      out: { file: "small.onnx", dataFile: null },
    });
    expect(report.operatorsBefore.Expand).toBe(1);
    expect(report.operatorsAfter).not.toHaveProperty("Shape");
    const pass = (name: string) => report.passes.find((p: { name: string }) => p.name === name);
    expect(pass("remove-expand")).toEqual({ name: "remove-expand", applied: 1, skipped: 0, reasons: [] });
    expect(report.verified.batches).toEqual([1, 3]);
    expect(report.verified.maxRel).toBeLessThan(1e-6);
    expect((await readFile(join(cwd, "small.onnx"))).length).toBe(report.out.bytes);
    expect(JSON.parse((await seOnnx(["check", "small.onnx", "--json"], { cwd })).stdout).valid).toBe(true);
    await nothingLeft();
  });

  test("prints a table, and with --explain every place it left alone", async () => {
    const { code, stdout } = await optimize(
      golden("conv-hardswish-ramp"),
      "table.onnx",
      "--explain",
      "--target",
      "cpu",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^nodes +11 +10$/m);
    expect(stdout).toMatch(/^recognise-activations +1 +1$/m);
    expect(stdout).toMatch(/^recognise-activations left '.*' as it was: HardSwish needs opset 14$/m);
    expect(stdout).toMatch(/-\[✓\] largest difference .* at batch 1 and 3; verifying took .* in a process of its own/);
  });

  test("--passes and --skip choose, in the order that is given", async () => {
    const names = async (...args: string[]): Promise<string[]> =>
      JSON.parse((await optimize(OPEN, "chosen.onnx", "--no-verify", "--json", ...args)).stdout).passes.map(
        (p: { name: string }) => p.name,
      );
    expect(await names("--passes", "remove-dead-code, remove-identity")).toEqual([
      "remove-dead-code",
      "remove-identity",
    ]);
    expect(await names("--skip", "share-constants,fold-batch-norm")).not.toContain("share-constants");
    const unknown = await optimize(OPEN, "chosen.onnx", "--skip", "fold-constant");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/^error: there is no pass 'fold-constant': choose .*fold-constants/);
    expect((await optimize(OPEN, "chosen.onnx", "--target", "gpu")).stderr).toMatch(
      /^error: there is no target 'gpu': choose/,
    );
  });

  test("writes nothing where the outputs differ by more than 1e-4, and exits with 1", async () => {
    const { code, stdout } = await optimize(OPEN, "half.onnx", "--passes", "convert-float16", "--json");
    expect(code).toBe(1);
    const { out, verified } = JSON.parse(stdout);
    expect(out).toBeNull();
    expect(verified.maxRel).toBeGreaterThan(1e-4);
    expect(await exists("half.onnx")).toBe(false);
    const unverified = await optimize(OPEN, "half.onnx", "--passes", "convert-float16", "--no-verify");
    expect(unverified.code).toBe(0);
    expect(unverified.stdout).toContain("not verified");
    expect(await exists("half.onnx")).toBe(true);
    expect((await optimize(OPEN, "half.onnx", "--verify-only")).code).toBe(1);
    await nothingLeft();
  });

  test("outputs that are no numbers are not taken for equal", async () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32("N", 64));
    const log = graph.add({ op: "Log", name: "log", inputs: [x], outputs: [{ name: "l", type: f32("N", 64) }] });
    graph.output(relu(identity(log.outputs[0]!)), "y"); // NaN where x is below 0
    await writeModel(graph, join(cwd, "log.onnx"));
    const { code, stdout } = await optimize("log.onnx", "never.onnx", "--json");
    expect([code, JSON.parse(stdout).verified.maxRel]).toEqual([1, null]); // JSON has no infinity
    expect(await exists("never.onnx")).toBe(false);
    const positive = {
      dtype: "float32",
      shape: [1, 64],
      data: Float32Array.from({ length: 64 }, (_, i) => i + 1),
    } as const;
    await writeFile(join(cwd, "positive.npy"), encodeNpy(positive));
    expect((await optimize("log.onnx", "log-smaller.onnx", "--input", "x=positive.npy")).code).toBe(0);
  });

  test("--batch and --input-size make lengths numbers", async () => {
    const { code } = await optimize(OPEN, "fixed.onnx", "--batch", "4", "--input-size", "9x7");
    expect(code).toBe(0);
    const { inputs, outputs } = JSON.parse((await seOnnx(["info", "fixed.onnx", "--json"], { cwd })).stdout);
    expect(inputs[0].type).toBe("float32[4,3,9,7]");
    expect(outputs[0].type).toBe("float32[4,32,7,5]");
    await optimize(golden("conv-silu"), "four.onnx", "--batch", "4");
    const again = await optimize("four.onnx", "two.onnx", "--batch", "2", "--json");
    expect([again.code, again.stderr, JSON.parse(again.stdout).verified.batches]).toEqual([0, "", [2]]);
    const refused = await optimize(FIXED, "refused.onnx", "--batch", "4");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^error: the network does not take float32\[4,3,12,12\]: Reshape '.*': data \[4,32,1,1\] does not fill shape \[1,32\]\n$/,
    );
    expect(await exists("refused.onnx")).toBe(false);
  });

  test("verifies on the tensor that is given", async () => {
    const x = {
      dtype: "float32",
      shape: [2, 3, 12, 12],
      data: Float32Array.from({ length: 864 }, (_, i) => Math.sin(i)),
    } as const;
    await writeFile(join(cwd, "x.npy"), encodeNpy(x));
    const { code, stdout } = await optimize(OPEN, "given.onnx", "--input", "input=x.npy", "--json");
    expect([code, JSON.parse(stdout).verified.batches]).toEqual([0, [2]]);
    expect((await optimize(OPEN, "given.onnx", "--input", "image=x.npy")).stderr).toContain(
      "the model has no input 'image': its inputs are input",
    );
  });

  test("leaves its input alone, unless that is named as the output", async () => {
    await copyFile(OPEN, join(cwd, "mine.onnx"));
    const before = await readFile(join(cwd, "mine.onnx"));
    await optimize("mine.onnx", "theirs.onnx", "--no-verify");
    expect(await readFile(join(cwd, "mine.onnx"))).toEqual(before);
    expect((await optimize("mine.onnx", "mine.onnx")).code).toBe(0);
    expect(await readFile(join(cwd, "mine.onnx"))).toEqual(await readFile(join(cwd, "theirs.onnx")));
  });

  test("keeps external data external", async () => {
    const graph = new Graph("g");
    const weight = graph.constant(
      "w",
      float32s(
        Array.from({ length: 1024 }, (_, i) => Math.sin(i)),
        [32, 32, 1, 1],
      ),
    );
    graph.output(relu(identity(conv(graph.input("x", f32("N", 32, 4, 4)), weight))), "y");
    await mkdir(join(cwd, "external"));
    await writeModel(graph, join(cwd, "external", "in.onnx"), { externalData: true });
    const { code, stdout } = await optimize("external/in.onnx", "external/out.onnx", "--json");
    expect(code).toBe(0);
    const { out } = JSON.parse(stdout);
    expect((await readdir(join(cwd, "external"))).sort()).toEqual([
      expect.stringMatching(/^in-.*\.data$/),
      "in.onnx",
      out.dataFile,
      "out.onnx",
    ]);
    await rm(join(cwd, "external", out.dataFile));
    expect((await seOnnx(["info", "external/out.onnx"], { cwd })).code).toBe(2);
  });
});

describe("what cannot be used is told in one sentence, and nothing is written", () => {
  test.each([
    [["none.onnx", "never.onnx"], "there is no file 'none.onnx'"],
    [
      [OPEN, "nowhere/never.onnx"],
      "cannot write 'nowhere/never.onnx': the folder 'nowhere' does not exist: make it first",
    ],
    [[OPEN, "."], "cannot write '.': it is a folder"],
    [[OPEN, "never.onnx", "--batch", "0"], "It must be a whole number from 1 up"],
    [[OPEN, "never.onnx", "--input-size", "3x4x5"], "It must be a number, or HEIGHTxWIDTH"],
  ])("%j", async (args, message) => {
    const { code, stderr } = await optimize(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(await exists("never.onnx")).toBe(false);
    expect(await exists("nowhere")).toBe(false);
  });
});

describe("--tune", () => {
  const trial = (name: string, ms: number, low: number, high: number) => ({ name, ms, low, high });
  test("keeps the portable form unless another is clearly faster in every round", () => {
    const portable = trial("portable", 10, 1, 1);
    expect(choice([portable, trial("cpu", 9, 0.8, 1.1), trial("ort-cpu", 9.8, 0.975, 0.99)])).toBe("portable");
    expect(choice([portable, trial("cpu", 9, 0.89, 0.93), trial("ort-cpu", 8.5, 0.84, 0.9)])).toBe("ort-cpu");
  });
  test("times forms on this machine, says what it found, and verifies what it writes, on a picture too", async () => {
    const { code, stdout } = await optimize(FIXED, "tuned.onnx", "--tune", "--image", photo("chelsea.png"), "--json");
    const { tuned, verified, out } = JSON.parse(stdout);
    expect([code, out.file, verified.images]).toEqual([0, "tuned.onnx", 1]);
    expect(tuned.trials[0]).toMatchObject({ name: "portable", low: 1, high: 1 });
    expect(tuned.trials.map((t: { name: string }) => t.name)).toContain(tuned.chosen);
    const refused = await optimize(FIXED, "never.onnx", "--tune", "--target", "cpu");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--tune chooses target and passes")]);
    await nothingLeft();
  });
});
