/** se-onnx in a browser: pictures and ONNX Runtime. */
export * from "./infer/index.js";
export { decodeImage } from "./infer/web/decode-image.js";
export { type GpuFeeds, type GpuModel, openOnGpu } from "./infer/web/gpu-model.js";
export { type GpuDType, type GpuTensor, gpuTensor } from "./infer/web/gpu-tensor.js";
export type { ImageSource } from "./infer/web/image-source.js";
export type { ExternalFile, ModelSource } from "./infer/web/model-source.js";
export { cam, gates } from "./infer/web/observe.js";
export { type OpenedModel, type OpenOptions, open } from "./infer/web/open.js";
