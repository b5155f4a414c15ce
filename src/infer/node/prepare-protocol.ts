import type { ImageArray, ImageInput } from "../image-input.js";
import type { ImageSource } from "./image-source.js";

/** What a prepare worker is started with. */
export interface PrepareWorkerData {
  readonly input: ImageInput;
}
/** To the worker: decode and prepare this picture into `tensor`. */
export interface PrepareRequest {
  readonly id: number;
  readonly image: ImageSource;
  readonly name: string;
  /** Shared memory, so that nothing is copied between the threads. */
  readonly tensor: ImageArray;
}
/** From the worker: it can begin, a tensor is filled, the picture cannot be read, or the worker has a fault. */
export type PrepareReply =
  | { readonly kind: "ready" }
  | {
      readonly kind: "prepared";
      readonly id: number;
      readonly ms: { readonly decode: number; readonly preprocess: number };
    }
  | { readonly kind: "unreadable" | "fault"; readonly id: number; readonly message: string };
