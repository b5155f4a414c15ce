import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { photo, seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const run = (...args: string[]) => seOnnx(args, { cwd: folder });
/** Pictures, and the place that each one's folder has among the model's classes for it. */
const PLACES = { "rocket.jpg": 0, "chelsea.png": 2, "coffee.png": 7 } as const;

beforeAll(async () => {
  await run("build", "--backbone", "cifar_resnet20", "-o", "m.onnx");
  const photos = Object.keys(PLACES).map(photo);
  const { stdout } = await run("run", "m.onnx", ...photos, "--top-k", "10", "--json");
  const images: readonly { readonly file: string; readonly predictions: readonly { readonly index: number }[] }[] =
    JSON.parse(stdout).images;
  for (const { file, predictions } of images) {
    const place = PLACES[basename(file) as keyof typeof PLACES]; // one of them
    const home = join(folder, "val", `${predictions[place]?.index}`, "below");
    await mkdir(home, { recursive: true });
    await copyFile(file, join(home, basename(file)));
  }
});

test("validate counts top 1 and top 5 by class folder", async () => {
  const { code, stdout, stderr } = await run("validate", "m.onnx", "val", "--batch", "2", "--json");
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    device: "cpu",
    rule: "named by the indices of the classes",
    images: 3,
    failed: 0,
    imagesPerSecond: expect.any(Number),
  });
  expect(result.top1).toBeCloseTo(1 / 3);
  expect(result.top5).toBeCloseTo(2 / 3);
  const total = (key: string) =>
    result.classes.reduce((n: number, c: Record<string, number>) => n + (c[key] ?? 0) * (c.images ?? 0), 0);
  expect([total("top1"), total("top5")].map(Math.round)).toEqual([1, 2]);
  expect(stderr).toMatch(/3 of 3 pictures in [\d.]+ s on cpu/);
});

test("validate goes on past a picture that cannot be read: exit code 1", async () => {
  await mkdir(join(folder, "part", "3"), { recursive: true });
  await copyFile(photo("rocket.jpg"), join(folder, "part", "3", "a.jpg"));
  await writeFile(join(folder, "part", "3", "b.jpg"), "no picture");
  const { code, stdout, stderr } = await run("validate", "m.onnx", "part");
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^1 folders, named by the indices of the classes\n[^\n]*\n {2}3 +3 +1 +\d+\.00% +\d+\.00%\ntop 1 \d+\.00%, top 5 \d+\.00% of 1 images\n$/,
  );
  expect(stderr).toMatch(/1 of 2 pictures[^\n]*\n1 could not be read:\n {2}'part[^\n]*b\.jpg' is not a JPEG/);
});

test("validate refuses folders that it cannot tell apart, and none, with exit code 2", async () => {
  await mkdir(join(folder, "odd", "cat"), { recursive: true });
  await copyFile(photo("rocket.jpg"), join(folder, "odd", "cat", "a.jpg"));
  expect(await run("validate", "m.onnx", "odd")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: 1 class folders cannot be told apart by a model of 10 classes: the model has no class names/,
    ),
  });
  expect((await run("validate", "m.onnx", "odd/cat")).stderr).toMatch(/^error: there is no folder in 'odd\/cat'/);
});
