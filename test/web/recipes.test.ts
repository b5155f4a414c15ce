import { cp, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { buildModel } from "../../dist/src/index.js";
import { open } from "../../dist/src/node.js";
import { photo, temporaryFolder } from "../cli/se-onnx.js";
import { root } from "../package/bundle.js";
import { install, link, pack, run } from "../package/project.js";
import { launch, newPage, noBrowser } from "./chromium.js";
import { serve } from "./site.js";

interface Recipe {
  readonly name: string;
  readonly packages: readonly string[];
  /** A program of node_modules and its arguments; null where there is nothing to build. */
  readonly build: readonly [program: string, ...args: readonly string[]] | null;
  /** The folder that a server gives out. */
  readonly served: string;
  /** What the page itself asks of other packages, whose folders are links here. */
  readonly linked?: readonly string[];
}
/** The folders of `examples`. */
const RECIPES: readonly Recipe[] = [
  { name: "vite", packages: ["onnxruntime-web", "vite"], build: ["vite/bin/vite.js", "build"], served: "dist" },
  {
    name: "webpack",
    packages: ["onnxruntime-web", "webpack", "webpack-cli"],
    build: ["webpack/bin/webpack.js", "--no-optimization-minimize"], // which takes five times as long
    served: "public",
  },
  {
    name: "script",
    packages: ["onnxruntime-web"],
    build: null,
    served: ".",
    linked: ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"].map(
      (file) => `node_modules/onnxruntime-web/dist/${file}`,
    ),
  },
];

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("a page of examples", async () => {
  const folder = await temporaryFolder();
  let tarball: string;
  let expected: readonly string[];
  let browser: Browser;
  beforeAll(async () => {
    tarball = (await pack(folder)).file;
    browser = await launch();
    const model = await open(buildModel("cifar_resnet20", cifar_resnet20).graph);
    const { predictions } = await model.classify(photo("chelsea.png"));
    expected = predictions.map(({ index, score }) => `class ${index}: ${(100 * score).toFixed(1)}%`);
    await model.close();
  });
  afterAll(() => browser?.close());

  test.each(RECIPES)("$name: shows the five classes of a photograph", async (recipe) => {
    const { name, packages, build, served, linked = [] } = recipe;
    const project = join(folder, name);
    await install(tarball, project);
    for (const other of packages) await link(other, project);
    await cp(join(root, "examples", name), project, { recursive: true });
    if (build) {
      const [program, ...args] = build;
      const built = await run(process.execPath, [join(root, "node_modules", program), ...args], project);
      expect(built.code, built.stdout + built.stderr).toBe(0);
    }
    const site = await serve(await filesIn(join(project, served), linked));
    const page = await newPage(browser);
    try {
      const errors: Error[] = [];
      page.on("pageerror", (e) => errors.push(e));
      await page.goto(`${site.origin}/index.html`);
      await page.waitForFunction("document.querySelector('#status').textContent !== 'loading'");
      expect(await page.textContent("#status")).toBe("ready on wasm");
      await page.setInputFiles("input", photo("chelsea.png"));
      await page.waitForSelector("li");
      expect(await page.locator("li").allTextContents()).toEqual(expected);
      expect(errors).toEqual([]);
    } finally {
      await page.close();
      await site.close();
    }
  });

  test("is the same script in each", async () => {
    const scripts = await Promise.all(
      RECIPES.map(({ name }) => readFile(join(root, "examples", name, "main.js"), "utf8")),
    );
    expect(new Set(scripts).size).toBe(1);
  });
});

/** What a server of the folder has, by path. */
async function filesIn(folder: string, linked: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }); // follows no links
  const paths = entries.filter((e) => e.isFile()).map((e) => relative(folder, join(e.parentPath, e.name)));
  const served = [...paths, ...linked].filter((path) => /\.(html|m?js|wasm)$/.test(path));
  return new Map(
    await Promise.all(
      served.map(
        async (path) => [`/${path.replaceAll("\\", "/")}`, new Uint8Array(await readFile(join(folder, path)))] as const,
      ),
    ),
  );
}
