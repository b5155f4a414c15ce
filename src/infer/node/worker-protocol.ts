import type { Feeds, Placement, Port } from "../session.js";
import type { CallState } from "./native-call.js";

/** The package whose kernels run, by the name it is imported by. */
export type Runtime = "onnxruntime-node" | "onnxruntime-web";
/** An entry of the runtime's `executionProviders`. */
export type ExecutionProvider =
  | { readonly name: "cpu" | "wasm" | "webgpu" }
  | { readonly name: "cuda" | "tensorrt" | "dml"; readonly deviceId?: number }
  | { readonly name: "coreml"; readonly coreMlFlags: number };

/** A file beside a model that holds tensors: the name that the model gives it, and where it is. */
export interface ExternalFile {
  readonly path: string;
  readonly data: string;
}

/** What a session's worker is started with. */
export interface WorkerData {
  readonly runtime: Runtime;
  readonly executionProviders: readonly ExecutionProvider[];
  readonly threads: number | undefined;
  /** What WebAssembly, which sees no files, has to be given. */
  readonly externalData: readonly ExternalFile[];
  /** No node may run on the processor instead. */
  readonly strict: boolean;
  readonly state: CallState;
  /** Prefix of the profile's path, in a folder of its own; null: none is made. */
  readonly profile: string | null;
}
/** To the worker. The model comes as a message too, so that it is let go once it is loaded. */
export type WorkerRequest =
  | { readonly kind: "create"; readonly model: string | Uint8Array }
  /** `memory`: what the feeds lie in, to be given back with the result. */
  | { readonly kind: "run"; readonly id: number; readonly feeds: Feeds; readonly memory: ArrayBuffer | null }
  /** Ends profiling. */
  | { readonly kind: "placement"; readonly id: number }
  | { readonly kind: "close" };
/** From the worker: the session is ready, a request is done, either failed, or the session is released. */
export type WorkerReply =
  | { readonly kind: "ready"; readonly inputs: readonly Port[]; readonly outputs: readonly Port[] }
  | { readonly kind: "failed"; readonly message: string }
  | {
      readonly kind: "done";
      readonly id: number;
      readonly result: Feeds | Placement;
      readonly memory: ArrayBuffer | null;
    }
  | { readonly kind: "error"; readonly id: number; readonly message: string }
  | { readonly kind: "closed" };
