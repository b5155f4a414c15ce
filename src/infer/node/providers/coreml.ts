import { nativeProvider } from "./native.js";

/** COREML_FLAG_CREATE_MLPROGRAM: the format that has most operators; Core ML 5, macOS 12. */
const ML_PROGRAM = 0x010;

/** Apple's Core ML, which may compute in float16 (https://onnxruntime.ai/docs/execution-providers/CoreML-ExecutionProvider.html). */
export const coreml = nativeProvider({
  name: "coreml",
  executionProviders: () => [{ name: "coreml", coreMlFlags: ML_PROGRAM }],
  missing: () =>
    process.platform === "darwin"
      ? null
      : { reason: "coreml is a part of macOS, and this is another system", hint: "choose another device" },
});
