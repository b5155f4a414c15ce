import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { photo, seOnnx, temporaryFolder } from "./cli/se-onnx.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = await temporaryFolder();

test("the example of docs/seeing.md runs, and gives a drawing and a picture", async () => {
  const [, code = ""] = /```ts\n(import[^`]+)```/.exec(await readFile(join(root, "docs/seeing.md"), "utf8")) ?? [];
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules", "se-onnx"), "dir");
  await seOnnx(["build", "--backbone", "cifar_resnet20", "-o", "model.onnx"], { cwd: folder });
  const placed = code.replace("cat.png", photo("chelsea.png")).replaceAll("rocket.jpg", photo("rocket.jpg"));
  const script = join(folder, "example.mjs");
  await writeFile(
    script,
    `${placed}\nconsole.log(blocks.length, svg.slice(0, 4), map.data.length, ...png.slice(1, 4));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: folder });
  expect(stdout).toBe("9 <svg 64 80 78 71\n");
});
