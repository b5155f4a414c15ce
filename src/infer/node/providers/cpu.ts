import { nativeProvider } from "./native.js";

/** ONNX Runtime's own kernels on the processor (https://onnxruntime.ai/docs/execution-providers/). */
export const cpu = nativeProvider({ name: "cpu", executionProviders: () => [{ name: "cpu" }] });
