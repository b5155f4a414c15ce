// A step of npm run build: dist/playground, the page of `se-onnx playground`. ONNX Runtime's scripts are left outside, in the folder ort beside the page,
// where the command or tools/playground-site.mjs puts those of the package onnxruntime-web.

import { copyFile, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const outdir = place("dist/playground");
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ["page.ts", "worker.ts", "style.css"].map((name) => place(`playground/${name}`)),
  outdir,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  metafile: true,
  logLevel: "warning",
  plugins: [
    {
      name: "onnxruntime-web",
      setup({ onResolve }) {
        onResolve({ filter: /^onnxruntime-web\/(wasm|webgpu)$/ }, ({ path }) => ({
          path: `./ort/ort.${basename(path)}.bundle.min.mjs`,
          external: true,
        }));
      },
    },
  ],
});
for (const name of ["index.html", "icon.svg", "example.webp"])
  await copyFile(place(`playground/${name}`), join(outdir, name));

/** Bytes, gzipped, of a script and of all that it needs before it runs. @param {string} name */
async function gzipped(name) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const needed = new Set([name]);
  for (const file of needed)
    for (const { path, kind, external } of outputs.get(file)?.imports ?? [])
      if (kind === "import-statement" && !external) needed.add(basename(path));
  let bytes = 0;
  for (const file of needed) bytes += gzipSync(await readFile(join(outdir, file))).length;
  return `${(bytes / 1024).toFixed(1)} KB`;
}
if (process.argv.includes("--sizes"))
  console.log(`gzipped: page ${await gzipped("page.js")}, worker ${await gzipped("worker.js")}`);
