import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const MiB = 1024; // maxRSS is in KiB

/** Peak resident memory of a whole process, in MiB. */
async function peak(...args: readonly string[]): Promise<number> {
  const hook = join(folder, "peak.cjs");
  await writeFile(
    hook,
    `process.on("exit", () => require("node:fs").writeFileSync("peak", String(process.resourceUsage().maxRSS)));`,
  );
  const { code } = await seOnnx(args, {
    cwd: folder,
    nodeArgs: ["--require", hook],
  });
  expect(code).toBe(0);
  return Number(await readFile(join(folder, "peak"), "utf8")) / MiB;
}

const build = (backbone: string) => peak("build", "--backbone", backbone, "-o", "m.onnx");

test("memory stays flat whatever the network", async () => {
  const [small, large] = [await build("resnet50"), await build("resnet152")];
  console.log(`peak: SE-ResNet-50 ${small.toFixed(0)} MiB, SE-ResNet-152 ${large.toFixed(0)} MiB`);
  expect(small).toBeLessThan(150);
  expect(large).toBeLessThan(150);
  expect(large - small).toBeLessThan(40); // their weights differ by 148 MiB
});

test("every backbone is counted and checked in one process without its weights", async () => {
  const all = await peak("list", "--json");
  console.log(`peak: list of every backbone ${all.toFixed(0)} MiB`);
  expect(all).toBeLessThan(250); // their weights come to more than 10 GiB
});
