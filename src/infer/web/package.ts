/** The smallest WebAssembly module: its magic number and version. */
const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** True where `load` brings a build of onnxruntime-web and the page may run it; otherwise what is missing and how to get it. */
export async function usable(load: () => Promise<unknown>): Promise<true | string> {
  try {
    await load();
  } catch (e) {
    return `running a model in a page needs the package onnxruntime-web, which could not be loaded: run \`npm install onnxruntime-web\` (${reasonOf(e)})`;
  }
  try {
    await WebAssembly.compile(EMPTY_MODULE);
  } catch (e) {
    return `the page may not compile WebAssembly: add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy (${reasonOf(e)})`;
  }
  return true;
}

const reasonOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));
