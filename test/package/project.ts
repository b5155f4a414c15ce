import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "./bundle.js";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], cwd: string): Promise<Result> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: { ...process.env, NO_COLOR: "1" } }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

export interface Packed {
  readonly file: string;
  /** Bytes of the tarball, and of what is in it. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly paths: readonly string[];
}

/** The tarball that `npm publish` would send, made of what has been built. */
export async function pack(folder: string): Promise<Packed> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: root });
  const [{ filename, size, unpackedSize, files }] = JSON.parse(stdout);
  return { file: join(folder, filename), size, unpackedSize, paths: files.map((f: { path: string }) => f.path) };
}

/** What the package says of itself. */
export interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** An empty project with the tarball installed as npm does it, without optional dependencies and without the network: dependencies are linked from here. */
export async function install(tarball: string, folder: string): Promise<Manifest> {
  const modules = join(folder, "node_modules");
  const home = join(modules, "se-onnx");
  await mkdir(join(modules, ".bin"), { recursive: true });
  await mkdir(home);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await promisify(execFile)("tar", ["-xzf", tarball, "-C", home, "--strip-components=1"]);
  const manifest: Manifest = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
  for (const name of Object.keys(manifest.dependencies)) await link(name, folder);
  for (const [name, path] of Object.entries(manifest.bin)) {
    const program = join(home, path);
    await promisify(execFile)("chmod", ["+x", program]);
    await symlink(program, join(modules, ".bin", name));
  }
  return manifest;
}

/** Puts a package that is installed here into the project. */
export async function link(name: string, folder: string): Promise<void> {
  const path = join(folder, "node_modules", name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(join(root, "node_modules", name), path, "junction");
}
