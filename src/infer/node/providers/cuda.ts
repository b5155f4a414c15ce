import { cudaLibraries, explainCuda } from "../cuda.js";
import { nativeProvider } from "./native.js";

/** NVIDIA's processors by CUDA 12 and cuDNN 9 (https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html). */
export const cuda = nativeProvider({
  name: "cuda",
  indexed: true,
  executionProviders: (deviceId = 0) => [{ name: "cuda", deviceId }],
  missing: (folder) => cudaLibraries(folder, "cuda"),
  explain: (message, folder) => explainCuda(message, folder, "cuda"),
});
