/** Why the processor's form of a model is no faster where it has neither SE nor narrow groups. */
export const NO_BLOCK = "it has no SE block, and the runtime does the rest by itself";

/** What the process that makes a form is told. */
export interface MakerRequest {
  readonly path: string;
  /** Where to write it. */
  readonly file: string;
  readonly target: string;
  /** Null: as open as the model has it. */
  readonly batch: number | null;
  readonly threads: number | undefined;
}
/** What came of it. What failed may do another time; what is declined is so for good; what ended said nothing. */
export type MakerReply =
  | { readonly kind: "made"; readonly bytes: number; readonly sha256: string; readonly splits: boolean }
  | { readonly kind: "declined"; readonly reason: string }
  | { readonly kind: "failed" | "ended"; readonly message: string };
