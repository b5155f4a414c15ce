import type { Feeds, Port } from "../session.js";

/** What a session's worker is started with. */
export interface WorkerData {
  readonly model: string | Uint8Array;
  readonly executionProvider: "cpu";
  readonly threads: number | undefined;
}
/** To the worker: run these feeds. */
export interface RunRequest {
  readonly id: number;
  readonly feeds: Feeds;
}
/** From the worker: the session is ready, a run is done, or either failed. */
export type WorkerReply =
  | { readonly kind: "ready"; readonly inputs: readonly Port[]; readonly outputs: readonly Port[] }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "result"; readonly id: number; readonly outputs: Feeds }
  | { readonly kind: "error"; readonly id: number; readonly message: string };
