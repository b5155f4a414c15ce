import { basename } from "node:path";
import type { Prediction } from "../src/infer/predict.js";

/** What became of one picture. */
export interface ImageResult {
  readonly file: string;
  /** In a file of results: the model that they are of. */
  readonly model?: string;
  readonly error?: string;
  readonly predictions?: readonly Prediction[];
  readonly ms?: { readonly decode: number; readonly preprocess: number; readonly run: number };
}

/** How results are written to a file, one after the other. */
export interface ResultFormat {
  /** What the file starts with. */
  readonly header: string;
  /** What every other line starts with. */
  readonly start: string;
  /** With its line break. */
  line(result: ImageResult): string;
  /** File, model and error of a line without its line break; null where it is none of ours. */
  parse(line: string): Pick<ImageResult, "file" | "model" | "error"> | null;
  /** Whether the line break after `text` ends a line. */
  ends(text: string): boolean;
}

/** JSON Lines: the objects that --json prints, each on a line. */
export const jsonLines: ResultFormat = {
  header: "",
  start: '{"file":',
  line: (result) => `${JSON.stringify(result)}\n`,
  parse(line) {
    try {
      const { file, model, error } = JSON.parse(line) as Partial<Record<string, unknown>>; // whatever it is
      if (typeof file !== "string" || typeof model !== "string") return null;
      return { file, model, ...(typeof error === "string" ? { error } : {}) };
    } catch {
      return null;
    }
  },
  ends: () => true,
};

/** A picture's classes as lines to read. */
export function reportImage({ file, error, predictions = [], ms }: ImageResult): string {
  if (error) return `${basename(file)}: ${error}`;
  const time = ms
    ? ` (decode ${ms.decode.toFixed(1)} ms, prepare ${ms.preprocess.toFixed(1)} ms, run ${ms.run.toFixed(1)} ms)`
    : "";
  return [
    `${file}${time}`,
    ...predictions.map((p) => `  ${(100 * p.score).toFixed(2).padStart(6)}%  ${p.label ?? `class ${p.index}`}`),
  ].join("\n");
}
