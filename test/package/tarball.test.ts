import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { open } from "../../dist/src/node.js";
import { photo, temporaryFolder } from "../cli/se-onnx.js";
import { root } from "./bundle.js";
import { install, link, type Manifest, type Packed, pack, run } from "./project.js";

const folder = await temporaryFolder();
const home = join(folder, "node_modules", "se-onnx");
let packed: Packed;
let manifest: Manifest;
beforeAll(async () => {
  packed = await pack(folder);
  manifest = await install(packed.file, folder);
});

/** Every name that a consumer may import, with its files; a pattern stands for each file that it matches. */
async function entries(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    const files = typeof target === "string" ? [target] : Object.values(target);
    const stars = subpath.includes("*") ? await matches(files[0] ?? "") : [""];
    expect(stars, subpath).not.toEqual([]);
    for (const star of stars)
      found.set(
        subpath.replace(/^\./, "se-onnx").replace("*", star),
        files.map((f) => f.replace("*", star)),
      );
  }
  return found;
}
async function matches(pattern: string): Promise<readonly string[]> {
  const ending = basename(pattern).slice(1); // "*.d.ts"
  const names = await readdir(join(home, dirname(pattern)));
  return names.filter((n) => n.endsWith(ending)).map((n) => n.slice(0, -ending.length));
}

describe("the tarball", () => {
  test("holds the build, the licence and the papers, and nothing else", () => {
    console.log(`tarball: ${packed.size} bytes packed, ${packed.unpackedSize} unpacked, ${packed.paths.length} files`);
    const own = /^dist\/((src|models|cli|browser)\/.+(\.c?js|\.d\.ts)|playground\/[^/]+\.(js|css|html|svg|webp))$/;
    const others = packed.paths.filter((path) => !own.test(path));
    expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(packed.unpackedSize).toBeLessThan(3_500_000);
  });

  test("holds no file whose source is gone", () => {
    const sources = packed.paths
      .filter((p) =>
        /^dist\/(?!browser\/|playground\/|cli\/(main|program|fast-maker|session-worker|prepare-worker)\.js$)/.test(p),
      ) // bundles have no source of their name
      .map((p) => p.replace(/^dist\//, "").replace(/(\.d\.ts|\.c?js)$/, ".ts"));
    expect(sources.length).toBeGreaterThan(100);
    expect(
      sources.filter((path) => !existsSync(join(root, path))),
      "remove dist and build again",
    ).toEqual([]);
  });

  test("has a file, and its types, behind every name that it exports", async () => {
    const names = await entries();
    expect([...names.keys()]).toEqual(
      expect.arrayContaining([
        "se-onnx",
        "se-onnx/node",
        "se-onnx/web",
        "se-onnx/models/resnet",
        "se-onnx/passes/fold-batch-norm",
      ]),
    );
    for (const [name, files] of names)
      for (const file of files) expect(existsSync(join(home, file)), `${name}: ${file}`).toBe(true);
    for (const target of Object.values(manifest.exports))
      if (typeof target !== "string") expect(Object.keys(target)).toEqual(["types", "default"]);
    for (const path of Object.values(manifest.bin))
      expect(await readFile(join(home, path), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe("installed without ONNX Runtime and without sharp", () => {
  const model = join(folder, "se_resnet18_r16.onnx");

  test("every name can be imported, and opening a model says what to install", async () => {
    const names = [...(await entries()).keys()].filter((name) => extname(name) !== ".json");
    await writeFile(
      join(folder, "import.js"),
      `import { buildModel, decode, encodeToBytes } from "se-onnx";
       import { resnet18 } from "se-onnx/models/resnet";
       for (const name of ${JSON.stringify(names)}) await import(name);
       const bytes = await encodeToBytes(buildModel("resnet18", resnet18, { inputSize: 64 }).graph);
       const refusal = async (name) => (await import(name)).open(bytes).then(() => null, (e) => e.name + ": " + e.message);
       console.log(JSON.stringify({ nodes: (await decode(bytes)).nodes.length, node: await refusal("se-onnx/node"), web: await refusal("se-onnx/web") }));`,
    );
    const { code, stdout, stderr } = await run(process.execPath, ["import.js"], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { nodes, node, web } = JSON.parse(stdout);
    expect(nodes).toBeGreaterThan(50);
    expect(node).toMatch(
      /^UserError: running a model needs the package onnxruntime-node, which is not installed: run `npm install onnxruntime-node/,
    );
    expect(web).toMatch(
      /^UserError: running a model in a page needs the package onnxruntime-web, .* run `npm install onnxruntime-web`/,
    );
  });

  test("npx se-onnx build writes a model that ONNX Runtime runs", async () => {
    const { code, stderr } = await run(
      "npx",
      ["--no", "se-onnx", "build", "--backbone", "resnet18", "--input-size", "64"],
      folder,
    );
    expect({ code, stderr: stderr.replace(/^npm warn .*\n/gm, "") }).toMatchObject({ code: 0 });
    const opened = await open(model);
    const { logits } = await opened.run({
      input: { dtype: "float32", shape: [1, 3, 64, 64], data: new Float32Array(3 * 64 * 64).fill(0.5) },
    });
    await opened.close();
    expect(logits?.shape).toEqual([1, 1000]);
    expect(Array.from(logits?.data ?? [], Number).every(Number.isFinite)).toBe(true);
  });

  test("se-onnx playground serves its page and says what to install to run networks", async () => {
    const program = join(folder, "node_modules", ".bin", "se-onnx");
    const server = spawn(program, ["playground", "--port", "0", "--json"], { cwd: folder });
    let notes = "";
    server.stderr.on("data", (chunk) => {
      notes += chunk;
    });
    const [line] = await once(server.stdout, "data");
    const page = await fetch(JSON.parse(String(line)).url);
    expect(await page.text()).toMatch(/<title>se-onnx playground<\/title>/);
    const closed = once(server, "close");
    server.kill("SIGINT");
    expect(await closed).toEqual([130, null]);
    expect(notes).toMatch(/^the page can build networks but run none, .*: run `npm install onnxruntime-web`\n$/);
  });

  test("se-onnx run says in one sentence what to install", async () => {
    const program = join(folder, "node_modules", ".bin", "se-onnx");
    const withoutRuntime = await run(program, ["run", model, photo("chelsea.png")], folder);
    expect(withoutRuntime).toMatchObject({ code: 2, stdout: "" });
    expect(withoutRuntime.stderr).toMatch(/^error: [^\n]*npm install onnxruntime-node[^\n]*\n$/);

    await link("onnxruntime-node", folder);
    const withoutSharp = await run(program, ["run", model, photo("chelsea.png")], folder);
    expect(withoutSharp.code).toBe(2);
    expect(withoutSharp.stdout + withoutSharp.stderr).toMatch(/without the package sharp .*: npm install sharp$/m);
    expect(withoutSharp.stdout + withoutSharp.stderr).not.toMatch(/^ {4}at /m);
  });
});

describe("a TypeScript consumer", () => {
  const code = `
import { buildModel, check, decode, encodeToBytes, type Graph, type SqueezeExciteOptions, UserError } from "se-onnx";
import { resnet18 } from "se-onnx/models/resnet";
import { type OpenedModel, open, writeModel } from "se-onnx/node";
import { foldBatchNorm } from "se-onnx/passes/fold-batch-norm";
import { type GpuTensor, gpuTensor, open as openInPage, openOnGpu } from "se-onnx/web";

export const block: SqueezeExciteOptions = { r: 8, bias: true };
export async function build(): Promise<Uint8Array> {
  const { graph, parameters } = buildModel("resnet18", resnet18, { se: { r: 8 }, classes: 10 });
  const problems: readonly string[] = check(graph);
  const folded: number = foldBatchNorm.run(graph).applied;
  console.log(parameters.toFixed(), problems.length, folded);
  await writeModel(graph, "model.onnx");
  return encodeToBytes(graph);
}
export async function classify(bytes: Uint8Array, picture: Blob): Promise<string> {
  const graph: Graph = await decode(bytes);
  const model: OpenedModel = await open(bytes, { device: "cpu" });
  const page = await openInPage(new URL("https://example.com/model.onnx"), { device: "webgpu" });
  const here = await model.classify("cat.jpg", { topK: 1 });
  const [there] = await page.classify([picture], { topK: 1 });
  if (!there) throw new UserError(graph.name);
  return here.predictions[0]?.label ?? there.predictions.map((p) => p.score.toFixed(3)).join();
}
export async function onCard(buffer: GPUBuffer): Promise<GPUBuffer | undefined> {
  await using model = await openOnGpu("model.onnx", { strict: true });
  const input: GpuTensor = gpuTensor(model.device, "float32", [1, 3, 224, 224], buffer);
  const { logits } = await model.run({ input });
  return logits?.gpuBuffer;
}
// @ts-expect-error: classes is a number
buildModel("resnet18", resnet18, { classes: "ten" });
// @ts-expect-error: a page has pictures as addresses, files and what it shows, not as numbers
openInPage("model.onnx").then((page) => page.classify(7));
// @ts-expect-error: not everything is exported
import("se-onnx/cli");
`;

  test.each([
    ["node16", { module: "node16", moduleResolution: "node16" }],
    ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ])("compiles, library types checked, with the resolution %s", async (name, options) => {
    const project = join(folder, name);
    await mkdir(project);
    await writeFile(join(project, "consumer.ts"), code);
    const compilerOptions = {
      ...options,
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    expect(await run(process.execPath, [compiler, "-p", project], folder)).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
