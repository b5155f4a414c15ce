import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TREES = ["src", "models", "cli", "playground"];

/** Who may import whom, by folder: the first rule whose pattern fits a file's path holds for it. */
const FOLDERS: readonly (readonly [file: RegExp, may: RegExp])[] = [
  [/^src\/graph\//, /^src\/graph\//],
  [/^models\//, /^(src\/graph|models)\//],
  [/^src\/export\//, /^src\/(graph|export)\//],
  [/^src\/infer\//, /^src\/(graph|export|infer)\//],
  [/^src\/(node\/)?[^/]+$/, /^(src|models)\//],
  [/^cli\//, /^(src|models|cli)\//],
  [/^playground\//, /^(src|models|playground)\//],
];
/** Which files may import a package; no file may import one that is not listed. */
const PACKAGES: readonly (readonly [name: RegExp, may: RegExp])[] = [
  [/^node:/, /^(cli|src\/node|src\/[^/]+\/node)\//],
  [/^(onnxruntime-node|sharp)$/, /^(cli|src\/[^/]+\/node)\//],
  [/^onnxruntime-web(\/.*)?$/, /^src\/infer\/(web|node)\//],
  [/^protobufjs(\/.*)?$/, /^src\/export\//],
  [/^@huggingface\/hub$/, /^src\/export\/node\/fetch\//],
  [/^echarts\/(charts|components|core|renderers)$/, /^src\/infer\/gates-chart\.ts$/],
  [/^commander$/, /^cli\//],
];
/** Entries of the package that run in Node alone; all others must run in a browser. */
const NODE_ONLY = /^(cli\/|src\/node\/|src\/[^/]+\/node\/|src\/node\.ts$)/;

interface Import {
  readonly file: string;
  /** A path from the root, or a package. */
  readonly target: string;
  /** True where it is left out of what is compiled. */
  readonly typeOnly: boolean;
}

/** Static, dynamic and re-exporting imports, and `new URL(…, import.meta.url)`, which bundlers and workers follow likewise. */
const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^"'`;()]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["'`]([^"'`]+)["'`]|\bnew URL\(\s*["'`]([^"'`]+)["'`],\s*import\.meta\.url/gm;

function importsOf(file: string, source: string): readonly Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return Array.from(code.matchAll(IMPORT), ([, type, stated, dynamic, url]) => {
    const name = stated ?? dynamic ?? url ?? "";
    const target = name.startsWith(".") ? posix.join(posix.dirname(file), name).replace(/\.js$/, ".ts") : name;
    return { file, target, typeOnly: Boolean(type) };
  });
}

function breachOf({ file, target }: Import): string | null {
  const local = TREES.some((tree) => target.startsWith(`${tree}/`));
  if (target.startsWith("..") || /^[^/]+\.(ts|json)$/.test(target)) return `${file} reaches out to ${target}`;
  if (local) {
    const rule = FOLDERS.find(([files]) => files.test(file));
    return rule?.[1].test(target) ? null : `${file} may not import ${target}`;
  }
  const rule = PACKAGES.find(([name]) => name.test(target));
  if (!rule) return `${file} imports the package ${target}, which no rule allows`;
  return rule[1].test(file) ? null : `${file} may not import the package ${target}`;
}

const files = TREES.flatMap((tree) =>
  readdirSync(join(ROOT, tree), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join(tree, name.replaceAll("\\", "/"))),
);
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), "utf8")));

describe("imports", () => {
  test("are found", () => {
    expect(files.length).toBeGreaterThan(80);
    for (const file of files.filter((f) => !/(index|version|error|dtype|imagenet)\.ts$/.test(f))) {
      const source = readFileSync(join(ROOT, file), "utf8");
      const lines = source.split("\n").filter((line) => /^(import|export)\b.*\bfrom\s+["']|^\} from ["']/.test(line));
      expect(importsOf(file, source).length, file).toBeGreaterThanOrEqual(lines.length);
    }
    const targets = new Set(imports.map((i) => i.target));
    for (const known of [
      "src/graph/graph.ts",
      "models/resnet.ts",
      "protobufjs/src/reader.js",
      "onnxruntime-node",
      "node:fs/promises",
    ])
      expect(targets).toContain(known);
  });

  test("lead to files that are there", () => {
    const lost = imports.filter(
      ({ target }) => TREES.some((t) => target.startsWith(`${t}/`)) && !files.includes(target),
    );
    expect(lost).toEqual([]);
  });

  test("keep to the rules", () => {
    expect(imports.map(breachOf).filter(Boolean)).toEqual([]);
  });

  test("lead from browser files to browser files only", () => {
    const crossing = imports.filter((i) => !NODE_ONLY.test(i.file) && NODE_ONLY.test(i.target) && !i.typeOnly);
    expect(crossing.map((i) => `${i.file} -> ${i.target}`)).toEqual([]);
  });

  test("never lead from the root entry to ONNX Runtime, however far", () => {
    const reached = new Set(["src/index.ts"]);
    for (const file of reached) for (const i of imports) if (i.file === file && !i.typeOnly) reached.add(i.target);
    expect([...reached].filter((target) => /^(node:|onnxruntime|sharp|commander)/.test(target))).toEqual([]);
    expect(reached).toContain("src/export/encode.ts");
  });
});

describe("a breach is noticed", () => {
  test.each([
    ["src/graph/a.ts", 'import { encode } from "../export/encode.js";'],
    ["src/graph/a.ts", 'import type { Session } from "../infer/session.js";'],
    ["src/graph/a.ts", 'export * from "../../models/index.js";'],
    ["src/graph/a.ts", 'import { VERSION } from "../version.js";'],
    ["src/graph/a.ts", 'import { readFile } from "node:fs/promises";'],
    ["models/a.ts", 'import { decode } from "../src/export/decode.js";'],
    ["models/a.ts", 'import "../cli/main.js";'],
    ["src/export/a.ts", 'import {\n  backbones,\n} from "../../models/index.js";'],
    ["src/export/a.ts", 'const ort = await import("onnxruntime-node");'],
    ["src/export/node/a.ts", 'import { open } from "../../infer/node/open.js";'],
    ["src/infer/a.ts", 'import { backbones } from "../../models/index.js";'],
    ["src/infer/a.ts", 'import sharp from "sharp";'],
    ["src/infer/a.ts", 'import { Reader } from "protobufjs/minimal.js";'],
    ["src/infer/node/a.ts", 'import { Command } from "commander";'],
    ["src/index.ts", 'import { io } from "../cli/io.js";'],
    ["src/index.ts", 'import { join } from "node:path";'],
    ["cli/a.ts", 'import { x } from "../test/x.js";'],
    ["cli/a.ts", 'import pkg from "../package.json" with { type: "json" };'],
    ["cli/a.ts", 'import chalk from "chalk";'],
    ["cli/a.ts", 'import { call } from "../playground/client.js";'],
    ["playground/a.ts", 'import { io } from "../cli/io.js";'],
    ["playground/a.ts", 'import { readFile } from "node:fs/promises";'],
  ])("in %s: %s", (file, source) => {
    expect(importsOf(file, source)).toHaveLength(1);
    expect(importsOf(file, source).map(breachOf)).toEqual([expect.stringContaining(file)]);
  });

  test.each([
    ["src/graph/ops/a.ts", 'import { defineOp } from "../op.js";'],
    ["models/a.ts", 'import { relu } from "../src/graph/ops/relu.js";'],
    ["src/export/node/a.ts", 'import { open } from "node:fs/promises";'],
    ["src/infer/node/a.ts", 'const { default: sharp } = await import("sharp");'],
    ["src/node.ts", 'export { open } from "./infer/node/open.js";'],
    ["src/build.ts", 'import { buildNetwork } from "../models/network.js";'],
    ["cli/a.ts", 'import { Command } from "commander";'],
  ])("and nothing else, in %s: %s", (file, source) => {
    expect(importsOf(file, source).map(breachOf)).toEqual([null]);
  });
});
