import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const call = async (home: string, ...args: string[]) => {
  const { code, stdout, stderr } = await seOnnx(args, { cwd: folder, env: { XDG_CACHE_HOME: home } });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
};
const kept = async (home: string) => {
  const code = join(home, "se-onnx", "code");
  const [file = "", ...others] = await readdir(code);
  expect(others).toEqual([]);
  return { path: join(code, file), bytes: await readFile(join(code, file)) };
};
const commandsOf = (bytes: Buffer) => bytes.toString("utf8", 0, bytes.indexOf("\n")).split(" ");

test("the code of a command is kept at its first call, beside that of the others", async () => {
  const home = join(folder, "first");
  const help = await call(home, "info", "--help");
  const first = await kept(home);
  expect(commandsOf(first.bytes)).toEqual(["info"]);
  expect(await call(home, "info", "--help")).toBe(help);
  expect((await kept(home)).bytes.equals(first.bytes)).toBe(true);
  await call(home, "list", "--help");
  expect(commandsOf((await kept(home)).bytes)).toEqual(["info", "list"]);
});

test.each<[of: string, damage: (bytes: Buffer) => Buffer]>([
  ["nothing", () => Buffer.alloc(0)],
  ["a command and no code", (bytes) => bytes.subarray(0, bytes.indexOf("\n") + 1)],
  ["half of it", (bytes) => bytes.subarray(0, bytes.length / 2)],
  ["zeros", (bytes) => Buffer.alloc(bytes.length)],
])("a file with %s is made anew", async (of, damage) => {
  const home = join(folder, of);
  const help = await call(home, "info", "--help");
  const { path, bytes } = await kept(home);
  await writeFile(path, damage(bytes));
  expect(await call(home, "info", "--help")).toBe(help);
  expect(commandsOf((await kept(home)).bytes)).toEqual(["info"]);
  expect((await kept(home)).bytes.length).toBeGreaterThan(bytes.length * 0.9);
});

test("a folder that cannot be made is done without", async () => {
  const home = join(folder, "taken");
  await mkdir(home);
  await writeFile(join(home, "se-onnx"), "");
  expect(await call(home, "--version")).toMatch(/^\d/);
});
