import { describe, expect, test } from "vitest";
import { type Bundle, bundle, size } from "./bundle.js";

const KB = 1000;
const RESNET = 'import { buildNetwork } from "se-onnx"; import { resnet50 } from "se-onnx/models/resnet";';

describe("the size of a minified bundle", () => {
  test.each([
    ["the SE block", 'import { squeezeExcite } from "se-onnx"; export { squeezeExcite };', 12],
    ["ResNet-50 with SE", `${RESNET} export const network = () => buildNetwork("resnet50", resnet50);`, 20],
    [
      "that, encode and decode",
      `${RESNET} import { decode, encode } from "se-onnx"; export { buildNetwork, decode, encode, resnet50 };`,
      90,
    ],
    ["nothing that is used", 'import { encode } from "se-onnx"; export const one = 1;', 0.1],
  ])("%s", async (what, code, limit) => {
    const bytes = size(await bundle(code));
    console.log(`bundle of ${what}: ${bytes} bytes, limit ${limit * KB}`);
    expect(bytes).toBeLessThan(limit * KB);
  });

  test("splitting at dynamic imports costs no more than 1 KB", async () => {
    const code = `${RESNET} export const network = () => buildNetwork("resnet50", resnet50);`;
    const [whole, split] = await Promise.all([bundle(code), bundle(code, { splitting: true })]);
    console.log(`bundle of ResNet-50 with SE, split at dynamic imports: ${size(split)} bytes`);
    expect(size(split)).toBeLessThan(size(whole) + KB);
  });
});

describe("what a bundle reaches", () => {
  const inputs = ({ metafile }: Bundle): readonly string[] => Object.keys(metafile.inputs);
  const runtime = /node_modules\/(onnxruntime|sharp)/;

  test("everything of se-onnx: no module of Node's, no ONNX Runtime, no image decoder", async () => {
    const everything = await bundle(
      'export * from "se-onnx"; export * from "se-onnx/models/index"; export * from "se-onnx/passes/index";',
    ); // fails on "node:"
    expect(inputs(everything)).toContain("dist/src/export/encode.js");
    expect(inputs(everything).filter((path) => runtime.test(path))).toEqual([]);
    expect(inputs(everything).filter((path) => /(^|\/)(node|cli)\//.test(path))).toEqual([]);
  });

  test("se-onnx/web: ONNX Runtime only when it is asked for", async () => {
    const web = await bundle('export * from "se-onnx/web";', { splitting: true });
    const first = Object.entries(web.metafile.outputs).find(([path]) => path.endsWith("entry.js"))?.[1];
    expect(inputs(web).some((path) => runtime.test(path))).toBe(true);
    expect(Object.keys(first?.inputs ?? {}).filter((path) => runtime.test(path))).toEqual([]);
    expect(first?.imports.filter((i) => i.kind === "dynamic-import").length).toBe(2);
    console.log(`bundle of se-onnx/web without ONNX Runtime: ${size(web)} bytes`);
  });

  test("the runtime stays away when no bundle has it", async () => {
    const { metafile } = await bundle('export * from "se-onnx";', { external: ["node:*", "onnxruntime-*", "sharp"] });
    expect(Object.values(metafile.outputs).flatMap((o) => o.imports)).toEqual([]);
  });
});
