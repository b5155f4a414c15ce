// npm run build:playground [-- FOLDER]: the playground as a folder for any static host, site/ unless another is named.

import { cp, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const site = resolve(process.argv[2] ?? "site");
const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
const files = [
  "ort.wasm.bundle.min.mjs",
  "ort-wasm-simd-threaded.wasm",
  "ort.webgpu.bundle.min.mjs",
  "ort-wasm-simd-threaded.asyncify.wasm",
];
await rm(join(site, "ort"), { recursive: true, force: true });
await mkdir(join(site, "ort"), { recursive: true });
await cp(fileURLToPath(new URL("../dist/playground", import.meta.url)), site, { recursive: true });
for (const file of files) await cp(join(runtime, file), join(site, "ort", file));
console.log(
  `wrote ${site}: serve it as it is. With the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, WASM has several threads.`,
);
