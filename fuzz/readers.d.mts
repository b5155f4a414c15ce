import type { Library } from "./library.mjs";

/** One kind of file that is fuzzed. */
export interface Reader {
  readonly name: string;
  /** What mutants are made of. */
  readonly inputs: readonly Uint8Array[];
  /** Names of the mutations. */
  readonly kinds: readonly string[];
  /** Milliseconds that one may take, 1,000 unless given. */
  readonly limit?: number;
  /** Bytes that may be asked for at once, 64 MiB or twice the file unless given. */
  readonly memory?: number;
  /** Throws a UserError where it refuses, and another error where it is at fault. */
  readonly read: (bytes: Uint8Array) => Promise<void>;
}
export function readers(lib: Library): readonly Reader[];
