import { cudaLibraries, explainCuda } from "../cuda.js";
import { nativeProvider } from "./native.js";

/** NVIDIA's compiler TensorRT 10; what it does not take runs on CUDA. Making a session compiles the model, which may take minutes.
 *  https://onnxruntime.ai/docs/execution-providers/TensorRT-ExecutionProvider.html */
export const tensorrt = nativeProvider({
  name: "tensorrt",
  indexed: true,
  executionProviders: (deviceId = 0) => [
    { name: "tensorrt", deviceId },
    { name: "cuda", deviceId },
  ],
  missing: (folder) => cudaLibraries(folder, "tensorrt"),
  explain: (message, folder) => explainCuda(message, folder, "tensorrt"),
});
