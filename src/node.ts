/** se-onnx in Node: files, pictures and ONNX Runtime. */

export { type Fetched, type FetchOptions, fetchWeights } from "./export/node/fetch/fetch-weights.js";
export { openRanged, type RangedFile, type WrittenFile } from "./export/node/file.js";
export { openWeights } from "./export/node/open-weights.js";
export { type OpenModel, readModel } from "./export/node/read-model.js";
export { writeTransformersFolder } from "./export/node/write-folder.js";
export { type WriteModelOptions, type WrittenModel, writeModel } from "./export/node/write-model.js";
export * from "./infer/index.js";
export { decodeImage } from "./infer/node/decode-image.js";
export { encodePng } from "./infer/node/encode-png.js";
export { gatesSvg } from "./infer/node/gates-svg.js";
export { cam, gates } from "./infer/node/observe.js";
export { type ImageSource, type ModelSource, type OpenedModel, type OpenOptions, open } from "./infer/node/open.js";
export { type OpenedSource, openSource, type SourceOptions } from "./node/open-source.js";
export {
  type Census,
  type Optimization,
  optimize,
  type PassPlan,
  type PassRun,
  planPasses,
  specialise,
} from "./optimize.js";
