// A step of npm run build: dist/browser, the entries that a page takes by an import map, without a bundler of its own. A browser cannot load the files of
// dist/src: protobufjs, which they read .onnx with, is no ES module. onnxruntime-web is left outside.

import { readdir, rm } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const outdir = place("dist/browser");
await rm(outdir, { recursive: true, force: true });
const families = (await readdir(place("models"))).filter((file) => file.endsWith(".ts"));
await build({
  entryPoints: {
    index: place("src/index.ts"),
    web: place("src/web.ts"),
    ...Object.fromEntries(families.map((file) => [`models/${basename(file, ".ts")}`, place(`models/${file}`)])),
  },
  outdir,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  external: ["onnxruntime-web"],
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
});
