import { UserError } from "../graph/error.js";
import type { Session } from "./session.js";

export interface SessionOptions {
  /** Threads of the runtime; as many as it likes unless given. */
  readonly threads?: number | undefined;
  /** Fails where the first device named cannot run every node of the model, instead of leaving nodes to the processor or the model
   *  to the next device. */
  readonly strict?: boolean | undefined;
}
/** A file of tensors that a model names, for a runtime that sees no files. */
export interface ExternalBlob {
  /** As the model names it. */
  readonly path: string;
  readonly data: Blob;
}
export interface CreateOptions extends SessionOptions {
  readonly externalData?: readonly ExternalBlob[] | undefined;
  /** Which device of a provider that can tell several apart, as the runtime counts them. */
  readonly index?: number | undefined;
}
/** Why a provider cannot run here, and what brings it. */
export interface Unavailable {
  readonly reason: string;
  readonly hint: string;
}
/** A session before it is known what else was tried. */
export type ProviderSession = Omit<Session, "tried">;

/** One execution provider: whether it can run here, and how a session on it is made. */
export interface Provider {
  readonly name: string;
  /** It can tell several devices apart: "cuda:1" is the second. */
  readonly indexed?: boolean;
  /** True where a network of one node has run on it. */
  readonly available: () => Promise<true | Unavailable>;
  /** `model` is a path or the bytes of an .onnx file. Throws a UserError when the provider is not available or the runtime refuses the model. */
  readonly create: (model: string | Uint8Array, options: CreateOptions) => Promise<ProviderSession>;
}

/** "the package … is not installed: run `npm install …`" */
export const sentence = ({ reason, hint }: Unavailable): string => `${reason}: ${hint}`;

/** A provider that is not available, as an error that keeps reason and hint apart. */
export class UnavailableError extends UserError {
  constructor(readonly why: Unavailable) {
    super(sentence(why));
  }
}
