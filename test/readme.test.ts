import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "./cli/se-onnx.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");
const folder = await temporaryFolder();

test("the README's API example runs and prints what its comments say", async () => {
  const [, code = ""] = /```ts\n(import[^`]+)```/.exec(readme) ?? [];
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules", "se-onnx"), "dir");
  const script = join(folder, "example.mjs");
  const photo = join(root, "test/photos/chelsea.png");
  await writeFile(script, code.replace("test/photos/chelsea.png", photo));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: folder });
  expect(stdout).toMatch(/^28071976 \[\] 16\n\[ \{ index: \d+, label: null, score: 0\.\d+ \} \]\n$/);
  const [, index = "none"] = /index: (\d+)/.exec(stdout) ?? [];
  expect(code).toContain(`index: ${index},`);
});

test("every file that the README links to is there", async () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map((m) => m[1] ?? "");
  expect(links.length).toBeGreaterThan(4);
  for (const link of links) await readFile(join(root, link));
});
