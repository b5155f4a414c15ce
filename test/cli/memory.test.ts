import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const MiB = 1024; // maxRSS is in KiB

/** Peak resident memory of a whole build process, in MiB. */
async function peak(backbone: string): Promise<number> {
  const hook = join(folder, "peak.cjs");
  await writeFile(
    hook,
    `process.on("exit", () => require("node:fs").writeFileSync("peak", String(process.resourceUsage().maxRSS)));`,
  );
  const { code } = await seOnnx(["build", "--backbone", backbone, "-o", "m.onnx"], {
    cwd: folder,
    nodeArgs: ["--require", hook],
  });
  expect(code).toBe(0);
  return Number(await readFile(join(folder, "peak"), "utf8")) / MiB;
}

test("memory stays flat whatever the network", async () => {
  const [small, large] = [await peak("resnet50"), await peak("resnet152")];
  console.log(`peak: SE-ResNet-50 ${small.toFixed(0)} MiB, SE-ResNet-152 ${large.toFixed(0)} MiB`);
  expect(small).toBeLessThan(150);
  expect(large).toBeLessThan(150);
  expect(large - small).toBeLessThan(40); // their weights differ by 148 MiB
});
