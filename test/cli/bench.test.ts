import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const run = (...args: string[]) => seOnnx(args, { cwd: folder });
beforeAll(async () => {
  await run("build", "--backbone", "cifar_resnet20", "-o", "small.onnx");
  await run("build", "--backbone", "cifar_resnet56", "--batch", "2", "-o", "large.onnx");
  await mkdir(join(folder, "photos"));
  await copyFile(new URL("../infer/goldens/images/rgb.tif", import.meta.url), join(folder, "photos", "a.tif"));
});

interface Figures {
  readonly file: string;
  readonly device: string;
  readonly msMedian: number;
  readonly msMin: number;
  readonly msP10: number;
  readonly msP90: number;
  readonly pictures: Readonly<Record<string, number>> | null;
}

test("bench times models in turn, by device and threads, and pictures by their steps", async () => {
  const args = ["small.onnx", "large.onnx", "--batch", "2", "--threads", "1,2", "--runs", "2", "--images", "photos"];
  const { code, stdout, stderr } = await run("bench", ...args, "--json");
  expect({ code, stderr: stderr.replace(/^measuring +\d+%\n/gm, "") }).toEqual({ code: 0, stderr: "" });
  const { models, ratios, ...rest } = JSON.parse(stdout) as { models: readonly Figures[]; ratios: readonly number[] };
  expect(rest).toEqual({ batch: [2], threads: [1, 2], device: ["cpu"], runs: 2 });
  expect(models.map((m) => m.file)).toEqual(["small.onnx", "large.onnx", "small.onnx", "large.onnx"]);
  for (const { msMin, msP10, msMedian, msP90, pictures } of models) {
    expect([msMin, msP10, msMedian, msP90]).toEqual([msMin, msP10, msMedian, msP90].sort((a, b) => a - b));
    for (const step of ["msDecode", "msPrepare", "msRun", "imagesPerSecond"])
      expect(pictures?.[step]).toBeGreaterThan(0);
  }
  expect(ratios[0]).toBe(1);
  expect(ratios[1]).toBeCloseTo((models[1]?.msMedian ?? 0) / (models[0]?.msMedian ?? 1), 9);
});

test("bench prints a table, and refuses a batch that the model is not built for", async () => {
  const { stdout } = await run("bench", "small.onnx", "--runs", "2");
  expect(stdout).toMatch(
    /^model +device +threads +batch +median ms .*\nsmall\.onnx +cpu +auto +1 .* 1\.000 +1\.000 +1\.000-1\.000\n$/,
  );
  expect(await run("bench", "large.onnx")).toMatchObject({
    code: 2,
    stderr: "error: 'large.onnx' is built for a batch of 2: give --batch 2\n",
  });
});

test("bench refuses at once what does not fit in memory", async () => {
  const { code, stdout, stderr } = await run("bench", "small.onnx", "--batch", "1,100000000");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(
    /^error: 'small\.onnx' needs at least [\d.]+ GiB of memory for 100,000,000 images at a time, and [\d.]+ [MG]iB are free: give a smaller --batch\n$/,
  );
});
