import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Bundle, bundle, size } from "./bundle.js";

const KB = 1000;
const RESNET = 'import { buildNetwork } from "se-onnx"; import { resnet50 } from "se-onnx/models/resnet";';
const NETWORK = `${RESNET} export const network = () => buildNetwork("resnet50", resnet50);`;

/** Files that gave the bundle any code. */
const used = ({ metafile }: Bundle): readonly string[] =>
  Object.values(metafile.outputs).flatMap((o) =>
    Object.entries(o.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput ? [path] : [])),
  );

describe("a minified bundle holds what is used and stays small", () => {
  test.each([
    {
      what: "the SE block",
      code: 'export { squeezeExcite } from "se-onnx";',
      limit: 12,
      unused: /network|resnet|max-pool|export\/|passes\//,
    },
    {
      what: "ResNet-50 with SE",
      code: NETWORK,
      limit: 20,
      unused: /models\/index|softmax|ops\/index|export\/|passes\/|protobufjs/,
    },
    {
      what: "that, encode and decode",
      code: `${RESNET} import { decode, encode } from "se-onnx"; export { buildNetwork, decode, encode, resnet50 };`,
      limit: 90,
      unused: /models\/index|ops\/index|weights\/|passes\/|infer\//,
    },
    {
      what: "nothing of it",
      code: 'import { encode } from "se-onnx"; export const one = 1;',
      limit: 0.1,
      unused: /dist\//,
    },
  ])("$what: under $limit KB", async ({ what, code, limit, unused }) => {
    const whole = await bundle(code);
    const split = await bundle(code, { splitting: true });
    console.log(
      `bundle of ${what}: ${size(whole)} bytes (split at dynamic imports ${size(split)}), limit ${limit * KB}`,
    );
    expect(used(whole).filter((path) => unused.test(path))).toEqual([]);
    expect(size(whole)).toBeLessThan(limit * KB);
    expect(size(split)).toBeLessThan(limit * KB);
  });
});

describe("a bundle reaches nothing that a page has not", () => {
  const inputs = ({ metafile }: Bundle): readonly string[] => Object.keys(metafile.inputs);
  const runtime = /onnxruntime|node_modules\/sharp/;

  test("se-onnx, models and passes: no module of Node's, no ONNX Runtime, no image decoder, not even on demand", async () => {
    const code = ["se-onnx", "se-onnx/models/index", "se-onnx/passes/index"]
      .map((name) => `export * from "${name}";`)
      .join("");
    const everything = await bundle(code, { external: ["node:*", "onnxruntime-*", "sharp"] });
    expect(inputs(everything)).toContain("dist/src/export/encode.js");
    expect(inputs(everything).filter((path) => /^dist\/(cli|src\/(node|infer|.*\/node))\b/.test(path))).toEqual([]);
    expect(Object.values(everything.metafile.outputs).flatMap((o) => o.imports)).toEqual([]);
  });

  test("se-onnx/web: ONNX Runtime on demand only", async () => {
    const web = await bundle('export * from "se-onnx/web";', { splitting: true }); // fails where it reaches "node:"
    const first = Object.entries(web.metafile.outputs).find(([path]) => path.endsWith("entry.js"))?.[1];
    console.log(`bundle of se-onnx/web: ${size(web)} bytes before ONNX Runtime`);
    expect(inputs(web).some((path) => runtime.test(path))).toBe(true);
    expect(Object.keys(first?.inputs ?? {}).filter((path) => runtime.test(path))).toEqual([]);
    expect(first?.imports.filter((i) => i.kind === "dynamic-import")).toHaveLength(2); // one a provider
  });

  test("build and run in a page: under 120 KB, minified and gzipped, without ONNX Runtime's files", async () => {
    const code = `${RESNET} import { buildModel } from "se-onnx"; import { open } from "se-onnx/web";
      open(buildModel("resnet50", resnet50).graph, { device: ["webgpu", "wasm"] }).then((model) => { globalThis.model = model; });`;
    const page = await bundle(code, { external: ["onnxruntime-web"] });
    const script = page.files.get("entry.js") ?? new Uint8Array();
    const gzipped = gzipSync(script, { level: 9 }).length;
    console.log(`bundle of build and run: ${script.length} bytes, ${gzipped} gzipped, limit ${120 * KB}`);
    expect([...page.files.keys()]).toEqual(["entry.js"]);
    expect(inputs(page)).toContain("dist/src/infer/web/open.js");
    expect(used(page).filter((path) => path.includes("web/gpu-"))).toEqual([]); // openOnGpu is for those who import it
    expect(gzipped).toBeGreaterThan(20 * KB); // so all of it is there
    expect(gzipped).toBeLessThan(120 * KB);
  });

  test("the registry: every family on demand only", async () => {
    const registry = await bundle('export { backbones } from "se-onnx/models";', { splitting: true });
    const outputs = Object.entries(registry.metafile.outputs);
    const [, first] = outputs.find(([path]) => path.endsWith("entry.js"))!;
    expect(Object.keys(first.inputs).filter((path) => /models\/(?!index)/.test(path))).toEqual([]);
    expect(first.imports.filter((i) => i.kind === "dynamic-import").length).toBeGreaterThanOrEqual(18);
    expect(first.imports.filter((i) => i.kind === "import-statement")).toEqual([]);
  });
});
