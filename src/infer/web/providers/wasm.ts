import type { Provider } from "../../provider.js";
import { usable } from "../package.js";
import { createSession } from "../session.js";

const load = () => import("onnxruntime-web/wasm");

/** ONNX Runtime's kernels on the processor, in WebAssembly (https://onnxruntime.ai/docs/tutorials/web/). Several threads need a cross-origin isolated page. */
export const wasm: Provider = {
  name: "wasm",
  available: () => usable(load),
  create: async (model, options) => createSession(await load(), "wasm", model, options),
};
