import type { Session } from "./session.js";

export interface SessionOptions {
  /** Threads of the runtime; as many as it likes unless given. */
  readonly threads?: number | undefined;
}
/** One execution provider: whether it can run here, and how a session on it is made. */
export interface Provider {
  readonly name: string;
  /** True, or a sentence that says what is missing and how to get it. */
  readonly available: () => Promise<true | string>;
  /** `model` is a path or the bytes of an .onnx file. Throws a UserError when the runtime refuses it. */
  readonly create: (model: string | Uint8Array, options: SessionOptions) => Promise<Session>;
}
