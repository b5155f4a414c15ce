/** se-onnx in a browser: pictures and ONNX Runtime. */
export {
  type ActivationMap,
  activationMap,
  type ObservedClassifier,
  observeClassifier,
} from "./infer/activation-map.js";
export type {
  Classification,
  ClassificationTimes,
  ClassifyOptions,
  ClassifyProgress,
} from "./infer/classify.js";
export type { Device } from "./infer/device.js";
export {
  type ClassGates,
  type GateOutput,
  type GateStatistics,
  type GateTally,
  gateTally,
  observeGates,
} from "./infer/gates.js";
export { heatColour, overlay } from "./infer/overlay.js";
export type { Pixels } from "./infer/pixels.js";
export type { Prediction } from "./infer/predict.js";
export { prepare, seenRegion } from "./infer/preprocess.js";
export type { Box } from "./infer/resample.js";
export type { Attempt, Feeds, HostTensor, Placement, Session } from "./infer/session.js";
export { decodeImage } from "./infer/web/decode-image.js";
export { type ImageSource, type OpenedModel, type OpenOptions, open } from "./infer/web/open.js";
