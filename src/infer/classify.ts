import type { WeightsOrigin } from "../export/metadata.js";
import { UserError } from "../graph/error.js";
import { isRanked, show } from "../graph/type.js";
import { type ImageInput, imageShape } from "./image-input.js";
import type { Prediction } from "./predict.js";
import type { Session } from "./session.js";

/** What a session needs beside itself to turn images into classes. */
export interface ClassifierSetup extends ImageInput {
  readonly labels: readonly string[] | null;
  /** Where the weights come from, where the file says so. */
  readonly origin: WeightsOrigin | null;
  /** The model ends in a softmax of its own. */
  readonly probabilities: boolean;
}
export interface ClassifyOptions {
  /** How many classes to give, best first; 5 unless given. */
  readonly topK?: number;
  /** Instead of the model's own names. A model with random weights has none, whatever is given. */
  readonly labels?: readonly string[];
  /** The most images that the model is given at a time: 8 unless given, and never more than it was built for. */
  readonly batch?: number;
  /** Stops the call, which then throws the signal's reason; images that wait are not begun. */
  readonly signal?: AbortSignal;
  /** Called after each image. */
  readonly onProgress?: (progress: ClassifyProgress) => void;
}
export interface ClassifyProgress {
  /** Images that are over, and those among them that could not be read. */
  readonly done: number;
  readonly failed: number;
  /** How many there are, or null where that is not known beforehand. */
  readonly total: number | null;
}
export interface Classification {
  /** Best first; none where `error` is not null. */
  readonly predictions: readonly Prediction[];
  /** Why this one image could not be read, in a sentence that names it; the others are not harmed. */
  readonly error: UserError | null;
  readonly ms: ClassificationTimes;
}
/** Milliseconds. */
export interface ClassificationTimes {
  readonly decode: number;
  readonly preprocess: number;
  /** The batch's time, shared out evenly. */
  readonly run: number;
  /** From the call, or from when the image was taken from an iterable, to its result: waiting for others included. */
  readonly latency: number;
}

/** The output that holds the classes: the one called logits, or probabilities, or else the first. */
export const classOutput = <T extends { readonly name: string }>(outputs: readonly T[]): T | undefined =>
  outputs.find(({ name }) => name === "logits") ?? outputs.find(({ name }) => name === "probabilities") ?? outputs[0];

/** The batch size that the model was built for, or null where any will do. */
export function batchOf(session: Session): number | null {
  const type = session.inputs[0]?.type ?? null;
  const batch = isRanked(type) ? type.shape[0] : null;
  return typeof batch === "number" && batch > 0 ? batch : null;
}

/** Throws where the model is not one that gives classes for images. */
export function requireClassifier(session: Session, input: ImageInput): void {
  requireImageInput(session, input);
  const output = classOutput(session.outputs);
  if (!output) throw new UserError("the model has no output");
  if (output.name === "embedding")
    throw new UserError(
      "the model gives an embedding and no classes: use run for raw tensors (--input on the command line)",
    );
}

/** Throws where the model is not one that takes images: one input, float32 [N,C,H,W] or uint8 [N,H,W,C] of the preprocessing's size. */
export function requireImageInput(session: Pick<Session, "inputs">, input: ImageInput): void {
  const type = session.inputs[0]?.type ?? null;
  const shape = isRanked(type) ? type.shape : [];
  const wanted = imageShape(input);
  const [channels] = input.preprocessing.input_size;
  const fits =
    type?.kind === "tensor" &&
    type.dtype === input.pixelType &&
    shape.length === 4 &&
    (channels === 1 || channels === 3) &&
    wanted.every((d, i) => typeof shape[i + 1] !== "number" || shape[i + 1] === d);
  if (session.inputs.length !== 1 || !fits)
    throw new UserError(
      `the model takes ${session.inputs.map((p) => `${p.name}: ${show(p.type)}`).join(", ")}, not one batch of images float32[N,C,H,W] or uint8[N,H,W,C] with 1 or 3 channels: use run for raw tensors (--input on the command line)`,
    );
}
