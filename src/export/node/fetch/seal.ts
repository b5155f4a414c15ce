import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** What is known beforehand of a file's bytes; null where it is not. */
export interface Seal {
  readonly bytes: number | null;
  /** First hexadecimal digits of SHA-256, or all 64. */
  readonly sha256: string | null;
  /** Git's name of a blob: SHA-1 of "blob <size>\0" and the bytes; needs `bytes`. */
  readonly blob: string | null;
}
/** What the bytes turned out to be. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
  readonly blob: string | null;
}
export interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Digest;
}

export function hasher(seal: Seal): Hasher {
  const sha256 = createHash("sha256");
  const blob: Hash | null =
    seal.blob !== null && seal.bytes !== null ? createHash("sha1").update(`blob ${seal.bytes}\0`) : null;
  let bytes = 0;
  return {
    update(chunk) {
      bytes += chunk.length;
      sha256.update(chunk);
      blob?.update(chunk);
    },
    digest: () => ({ bytes, sha256: sha256.digest("hex"), blob: blob?.digest("hex") ?? null }),
  };
}

/** What a file is; null where there is none. */
export async function digestOf(path: string, seal: Seal, signal: AbortSignal | undefined): Promise<Digest | null> {
  const there = await stat(path).catch(() => null);
  if (!there?.isFile()) return null;
  const hash = hasher(seal);
  await hashFile(path, hash, signal);
  return hash.digest();
}

/** Hands the file's bytes to `into`. */
export async function hashFile(path: string, into: Hasher, signal: AbortSignal | undefined): Promise<void> {
  const stream = createReadStream(path, { highWaterMark: 2 ** 20 });
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    into.update(chunk);
  }
}

/** In what way the bytes are not those of `seal`, to go on from the file's name; null where they are. */
export function breach(seal: Seal, found: Digest): string | null {
  if (seal.bytes !== null && seal.bytes !== found.bytes) return `has ${found.bytes} bytes, not ${seal.bytes}`;
  if (seal.sha256 !== null && !found.sha256.startsWith(seal.sha256.toLowerCase()))
    return `has the SHA-256 ${found.sha256.slice(0, Math.max(8, seal.sha256.length))}, not ${seal.sha256}`;
  if (seal.blob !== null && found.blob !== null && seal.blob !== found.blob)
    return `has the Git hash ${found.blob}, not ${seal.blob}`;
  return null;
}
