import type { Graph } from "./graph.js";
import type { Ranged } from "./tensor.js";

/** What a file says that this toolkit has no words for: protobuf fields as they stood, for the encoder to write back. */
export type Kept = readonly (Uint8Array | Ranged)[];
/** A function of the model (onnx.proto, FunctionProto): a named graph that nodes call by domain and name. */
export interface GraphFunction {
  readonly domain: string;
  readonly name: string;
  readonly body: Graph;
  readonly kept: Kept;
}
/** What ModelProto says beside its graph. */
export interface ModelInfo {
  /** Null: the version that belongs to the opset. */
  irVersion: number | null;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: number;
  docString: string;
  kept: Kept;
}
