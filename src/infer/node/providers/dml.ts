import { nativeProvider } from "./native.js";

/** Any DirectX 12 graphics processor of Windows (https://onnxruntime.ai/docs/execution-providers/DirectML-ExecutionProvider.html). */
export const dml = nativeProvider({
  name: "dml",
  indexed: true,
  executionProviders: (deviceId = 0) => [{ name: "dml", deviceId }],
  missing: () =>
    process.platform === "win32"
      ? null
      : { reason: "dml (DirectML) is a part of Windows, and this is another system", hint: "choose another device" },
});
