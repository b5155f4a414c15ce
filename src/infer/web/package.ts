import { UnavailableError } from "../provider.js";

/** The smallest WebAssembly module: its magic number and version. */
const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** The build of onnxruntime-web for the processor. Throws an UnavailableError where it is not there or the page may not run it. */
export const wasmBuild = () => loaded(() => import("onnxruntime-web/wasm"));
/** The build that has WebGPU and WebNN. */
export const webgpuBuild = () => loaded(() => import("onnxruntime-web/webgpu"));

async function loaded<T>(load: () => Promise<T>): Promise<T> {
  const unavailable = (reason: string, hint: string) => (e: unknown) => {
    throw new UnavailableError({ reason, hint: `${hint} (${e instanceof Error ? e.message : String(e)})` });
  };
  const build = await load().catch(
    unavailable(
      "running a model in a page needs the package onnxruntime-web, which could not be loaded",
      "run `npm install onnxruntime-web`",
    ),
  );
  await WebAssembly.compile(EMPTY_MODULE).catch(
    unavailable(
      "the page may not compile WebAssembly",
      "add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy",
    ),
  );
  return build;
}
