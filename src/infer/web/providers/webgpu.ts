import type { Provider } from "../../provider.js";
import { usable } from "../package.js";
import { createSession } from "../session.js";

const load = () => import("onnxruntime-web/webgpu");

/** ONNX Runtime's kernels on the graphics processor (https://onnxruntime.ai/docs/tutorials/web/ep-webgpu.html). */
export const webgpu: Provider = {
  name: "webgpu",
  available: async () => {
    const adapter = "gpu" in navigator ? await navigator.gpu.requestAdapter() : null;
    return adapter ? usable(load) : "this browser offers no WebGPU here: choose the device wasm";
  },
  create: async (model, options) => createSession(await load(), "webgpu", model, options),
};
