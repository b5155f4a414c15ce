import { cp, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { buildModel } from "../../dist/src/index.js";
import { open } from "../../dist/src/node.js";
import { photo } from "../cli/se-onnx.js";
import { root } from "../package/bundle.js";
import { install, link, run } from "../package/project.js";

export interface Recipe {
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
export const RECIPES: readonly Recipe[] = [
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

/** What a server of a recipe's page has by path, once it is built in a project below `folder` that has `tarball` installed. */
export async function builtRecipe(
  { name, packages, build, served, linked = [] }: Recipe,
  tarball: string,
  folder: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const project = join(folder, name);
  await install(tarball, project);
  for (const other of packages) await link(other, project);
  await cp(join(root, "examples", name), project, { recursive: true });
  if (build) {
    const [program, ...args] = build;
    const built = await run(process.execPath, [join(root, "node_modules", program), ...args], project);
    if (built.code !== 0) throw new Error(built.stdout + built.stderr);
  }
  return filesIn(join(project, served), linked);
}

/** What the pages show of chelsea.png, as Node has it. */
export async function expectedClasses(): Promise<readonly string[]> {
  await using model = await open(buildModel("cifar_resnet20", cifar_resnet20).graph);
  const { predictions } = await model.classify(photo("chelsea.png"));
  return predictions.map(({ index, score }) => `class ${index}: ${(100 * score).toFixed(1)}%`);
}

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
