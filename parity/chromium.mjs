// A page in headless Chromium that runs models by se-onnx/web.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

/** WebGPU on the processor. */
const ACCELERATED = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
const RUNTIME = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"];
/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
/** A software adapter compiles for minutes. */
const PATIENCE_MS = 1_800_000;

const SCRIPT = `
import { open } from "se-onnx/web";
globalThis.run = async (device, dtype, shape) => {
  const bytes = await (await fetch("/input")).arrayBuffer();
  const data = dtype === "uint8" ? new Uint8Array(bytes) : new Float32Array(bytes);
  const model = await open("/model.onnx", { device });
  const [input] = model.inputs;
  const [output] = Object.values(await model.run({ [input.name]: { dtype, shape, data } }));
  await model.close();
  return { numbers: Array.from(output.data, Number), fallback: model.fallback };
};`;

/** @typedef {{numbers: number[], fallback: boolean}} Outcome */

/**
 * Starts the browser, and a server of its page on this machine.
 * @param {string} executablePath
 */
export async function openChromium(executablePath) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
  const stdin = { contents: SCRIPT, resolveDir: root, sourcefile: "page.js" };
  const { outputFiles } = await build({
    ...{ stdin, outdir: "/", entryNames: "page", bundle: true, splitting: true, write: false },
    ...{ format: "esm", platform: "browser", logLevel: "error" },
  });
  /** @type {Map<string, string | Uint8Array>} */
  const files = new Map([["/page.html", "<!doctype html><script type=module src=/page.js></script>"]]);
  for (const { path, contents } of outputFiles) files.set(path.replace(/^.*[/\\]/, "/"), contents);
  for (const name of RUNTIME) files.set(`/${name}`, await readFile(join(runtime, name)));
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const body = files.get(path);
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    if (body === undefined) response.writeHead(404).end();
    else response.setHeader("Content-Type", type).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address()); // a TCP server's address is one
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", ...ACCELERATED] });
  return {
    version: browser.version(),
    /**
     * The first output of a model, and whether nodes were left to the processor.
     * @param {Uint8Array} model
     * @param {string} device
     * @param {import("../src/infer/session.js").HostTensor} tensor
     * @returns {Promise<Outcome>}
     */
    async run(model, device, { dtype, shape, data }) {
      files.set("/model.onnx", model);
      files.set("/input", new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      try {
        await page.goto(`http://127.0.0.1:${port}/page.html`);
        await page.waitForFunction("globalThis.run !== undefined");
        return await page.evaluate(`run(${[device, dtype, shape].map((x) => JSON.stringify(x)).join(", ")})`);
      } finally {
        await page.close();
      }
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
