import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./cli/se-onnx.js";
import { examplesIn, promised } from "./examples.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = await readFile(join(root, "docs", "api.md"), "utf8");
const examples = examplesIn(page, "ts");
const folder = await temporaryFolder();

beforeAll(async () => {
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules", "se-onnx"), "dir");
  await symlink(join(root, "test"), join(folder, "test"), "dir");
  await seOnnx(["build", "--backbone", "cifar_resnet20", "-o", "model.onnx"], { cwd: folder });
});

test("docs/api.md has examples of every level", () => {
  expect(examples.length).toBeGreaterThanOrEqual(6);
  for (const { code } of examples) expect(promised(code)).not.toMatch(/^$|undefined/);
});

describe("the examples of docs/api.md print what their comments say", () => {
  test.each(examples)("example $i", async ({ i, code }) => {
    const file = join(folder, `example-${i}.mjs`);
    await writeFile(file, (await transform(code, { loader: "ts", target: "node20" })).code); // `await using`, which Node 20 does not know
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
    expect({ stdout, stderr }).toEqual({ stdout: promised(code), stderr: "" });
  });
});
