import { copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const place = (...path: string[]): string => join(folder, ...path);
/** Long enough that the progress is told, and Ctrl-C comes, before the end. */
const MANY = 3000;

beforeAll(async () => {
  await seOnnx(["build", "--backbone", "cifar_resnet20", "-o", "m.onnx"], { cwd: folder });
  await mkdir(place("val", "3"), { recursive: true });
  await copyFile(new URL("../infer/goldens/images/rgb.tif", import.meta.url), place("val", "3", "0.tif"));
  await mkdir(place("many", "3"), { recursive: true });
  const names = Array.from({ length: MANY }, (_, i) => place("many", "3", `${i}.tif`));
  await Promise.all(names.map((name) => symlink(place("val", "3", "0.tif"), name)));
  await writeFile(
    place("interrupt.cjs"),
    `process.on("worker", () => process.kill(process.pid, "SIGINT")); // when the model's thread begins`,
  );
});

test.each([
  ["validate", ["val"]],
  ["gates", ["val", "-o", "gates.svg"]],
  ["cam", ["val/3/0.tif", "-o", "cam.png", "--map", "map.npy"]],
  ["bench", ["--images", "val"]],
])("%s that Ctrl-C stops: exit code 130, a sentence, no result and no file", async (command, args) => {
  const before = await readdir(folder);
  const nodeArgs = ["--require", place("interrupt.cjs")];
  const { code, stdout, stderr } = await seOnnx([command, "m.onnx", ...args], { cwd: folder, nodeArgs });
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  expect(stderr).toMatch(/^interrupted(: nothing unfinished was put in place| before the first image was done)\n$/);
  expect(await readdir(folder)).toEqual(before);
});

test("validate that Ctrl-C stops on its way says what it had counted", async () => {
  const interruptWhen = async (stderr: string) => /^classifying +\d+%/.test(stderr);
  const { code, stdout, stderr } = await seOnnx(["validate", "m.onnx", "many", "--json"], {
    cwd: folder,
    interruptWhen,
  });
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  const [, top1, images] =
    /\ninterrupted: top 1 ([\d.]+)%, top 5 [\d.]+% of the ([\d,]+) images until then\n$/.exec(stderr) ?? [];
  expect(["0.00", "100.00"]).toContain(top1); // all are one picture
  const done = Number(images?.replace(",", ""));
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(MANY);
});
