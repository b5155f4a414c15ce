import type { Reader } from "./readers.mjs";

/** What reading one mutant came to: `fault` says how it was neither read nor refused, or took too long. */
export type Outcome = { readonly outcome: "read" | "refused" } | { readonly outcome: "fault"; readonly fault: string };
export function readMutant(reader: Reader, seed: number, UserError: new (message: string) => Error): Promise<Outcome>;
