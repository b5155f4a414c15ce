import type { Reader } from "./readers.mjs";

/** What reading one mutant came to: `fault` says how it was neither read nor refused, or took too long or too much memory. */
export type Outcome = (
  | { readonly outcome: "read" | "refused" }
  | { readonly outcome: "fault"; readonly fault: string }
) & {
  readonly ms: number;
  /** Bytes of the largest allocation. */
  readonly largest: number;
};
export interface Watch {
  readonly UserError: new (message: string) => Error;
  readonly allocations: { take(): number };
}
export function readMutant(reader: Reader, seed: number, watch: Watch): Promise<Outcome>;
