import type { WeightsOrigin } from "../export/metadata.js";
import { UserError } from "../graph/error.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import { isRanked, show } from "../graph/type.js";
import type { Pixels } from "./pixels.js";
import { type Prediction, predictions } from "./predict.js";
import { prepare } from "./preprocess.js";
import type { Session } from "./session.js";

/** What a session needs beside itself to turn images into classes. */
export interface ClassifierSetup {
  readonly preprocessing: Preprocessing;
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
}
export interface Classification {
  readonly predictions: readonly Prediction[];
  /** Milliseconds; a batch's run is shared out evenly. */
  readonly ms: { readonly preprocess: number; readonly run: number };
}

/** Classifies one batch of images. A model of a fixed batch size gets black images for what is missing. */
export async function classifyBatch(
  session: Session,
  setup: ClassifierSetup,
  images: readonly Pixels[],
  { topK = 5, labels }: ClassifyOptions = {},
): Promise<readonly Classification[]> {
  const [input] = session.inputs;
  const output = classOutput(session.outputs);
  if (!input || !output) throw new UserError("the model has no input or no output");
  if (output.name === "embedding")
    throw new UserError("the model gives an embedding and no classes: use run with --input for raw tensors");
  const [channels, height, width] = setup.preprocessing.input_size;
  const started = performance.now();
  const size = batchOf(session) ?? images.length;
  if (images.length > size)
    throw new UserError(`the model takes ${size} images at a time, but ${images.length} were given`);
  const data = new Float32Array(size * channels * height * width);
  for (const [i, pixels] of images.entries())
    data.set(prepare(pixels, setup.preprocessing), i * channels * height * width);
  const prepared = performance.now();
  const results = await session.run({
    [input.name]: { dtype: "float32", shape: [size, channels, height, width], data },
  });
  const ran = performance.now();
  const logits = results[output.name];
  if (!logits) throw new UserError(`the model gave no output '${output.name}'`);
  const rows = predictions(logits, {
    topK,
    labels: setup.origin?.source === "random" ? null : (labels ?? setup.labels),
    probabilities: setup.probabilities,
  });
  const ms = { preprocess: (prepared - started) / images.length, run: (ran - prepared) / images.length };
  return rows.slice(0, images.length).map((p) => ({ predictions: p, ms }));
}

/** The output that holds the classes: the one called logits, or else the first. */
export const classOutput = <T extends { readonly name: string }>(outputs: readonly T[]): T | undefined =>
  outputs.find(({ name }) => name === "logits") ?? outputs[0];

/** The batch size that the model was built for, or null where any will do. */
export function batchOf(session: Session): number | null {
  const type = session.inputs[0]?.type ?? null;
  const batch = isRanked(type) ? type.shape[0] : null;
  return typeof batch === "number" && batch > 0 ? batch : null;
}

/** Throws where the model is not one that takes images: one float32 input [N,C,H,W] of the preprocessing's size. */
export function requireImageInput(session: Session, { input_size }: Preprocessing): void {
  const type = session.inputs[0]?.type ?? null;
  const shape = isRanked(type) ? type.shape : [];
  const fits =
    type?.kind === "tensor" &&
    type.dtype === "float32" &&
    shape.length === 4 &&
    input_size.every((d, i) => typeof shape[i + 1] !== "number" || shape[i + 1] === d);
  if (session.inputs.length !== 1 || !fits)
    throw new UserError(
      `the model takes ${session.inputs.map((p) => `${p.name}: ${show(p.type)}`).join(", ")}, not one batch of images float32[N,${input_size.join(",")}]`,
    );
}
