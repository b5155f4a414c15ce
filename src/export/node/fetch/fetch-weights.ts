import { fetchSource } from "./fetch-source.js";
import { PATIENCE } from "./task.js";

/** A checkpoint that was fetched, or was in a cache. */
export interface Fetched {
  /** The local file to hand to `openWeights`; for an index, its shards are beside it. */
  readonly path: string;
  /** What messages call it. */
  readonly name: string;
  /** Where it came from; of a hub's file, at its commit. */
  readonly url: string;
  /** The hub's commit; null for an address. */
  readonly revision: string | null;
  /** Of the bytes at `path`, computed; hexadecimal. */
  readonly sha256: string;
  /** The model card's; null for an address, or where there is none. */
  readonly licence: string | null;
  /** config.json of a hub's repository, parsed; null where there is none. */
  readonly config: unknown;
}

export interface FetchOptions {
  /** Stops at once, with the signal's reason; what has come is gone on with the next time. */
  readonly signal?: AbortSignal | undefined;
  /** `total` is null while nobody has told it; `file` is what messages call it. */
  readonly onProgress?: ((received: number, total: number | null, file: string) => void) | undefined;
  /** Hears of attempts that failed, and of what is used in place of something. */
  readonly onNote?: ((sentence: string) => void) | undefined;
  /** SHA-256 that the file must have: all 64 digits, or the first 8 or more. */
  readonly sha256?: string | null | undefined;
  /** Length that the file must have. */
  readonly bytes?: number | null | undefined;
  /** process.env unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Whether `source` is to be fetched, rather than a path. */
export const isRemote = (source: string): boolean => /^(hf:|https?:\/\/)/.test(source);

/**
 * Fetches a checkpoint from `https://…` or from the Hugging Face hub, `hf:owner/name[@revision][/file]`, into the cache that Python's torch.hub or
 * huggingface_hub keeps, by their environment variables; what is there already is verified and used. Downloads are gone on with where they stopped,
 * tried again when a server fails, and put in place only when length and hash are right. Throws a UserError that says what to do.
 */
export const fetchWeights = (source: string, options: FetchOptions = {}): Promise<Fetched> =>
  fetchSource(source, options, PATIENCE);
