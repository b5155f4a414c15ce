/** What `se-onnx/node` and `se-onnx/web` have in common; each adds its own `open`, `decodeImage`, `gates`, `cam` and what they take. */
export { type ActivationMap, activationMap, type ObservedClassifier, observeClassifier } from "./activation-map.js";
export type { CamOptions, ClassActivation } from "./cam.js";
export type {
  Classification,
  ClassificationTimes,
  ClassifyOptions,
  ClassifyProgress,
} from "./classify.js";
export type { Device } from "./device.js";
export {
  type ClassGates,
  type GateOutput,
  type GateStatistics,
  type GateTally,
  gateTally,
  observeGates,
} from "./gates.js";
export type { ClassedImage, GateReport, GatesOptions } from "./image-gates.js";
export { heatColour, overlay } from "./overlay.js";
export type { Pixels } from "./pixels.js";
export type { Prediction } from "./predict.js";
export { prepare, seenRegion } from "./preprocess.js";
export type { Box } from "./resample.js";
export type { Attempt, Feeds, HostTensor, Placement, Session } from "./session.js";
