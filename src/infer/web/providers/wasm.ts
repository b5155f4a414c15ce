import { probe } from "../../probe.js";
import type { Provider } from "../../provider.js";
import { wasmBuild } from "../package.js";
import { createSession } from "../session.js";

const create: Provider["create"] = async (model, options) => {
  const ort = await wasmBuild();
  return createSession(ort, { name: "wasm", executionProvider: "wasm" }, model, options);
};

/** ONNX Runtime's kernels on the processor, in WebAssembly (https://onnxruntime.ai/docs/tutorials/web/). Several threads need a cross-origin isolated page. */
export const wasm: Provider = { name: "wasm", create, available: () => probe(create) };
