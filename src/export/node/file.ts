import { createHash, randomBytes } from "node:crypto";
import { fstatSync, readSync, write } from "node:fs";
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";
import { HELD } from "../rope.js";

/** In hundreds of calls this takes less time than the method of a FileHandle. */
const writeAt = promisify(write);

/** A file read by range. */
export interface RangedFile extends Ranged {
  readonly path: string;
  close(): Promise<void>;
}

/** Opens a regular file for ranged reads; a read after the file changed throws. */
export async function openRanged(path: string): Promise<RangedFile> {
  const unreadable = (e: NodeJS.ErrnoException): never => {
    throw new UserError(e.code === "ENOENT" ? `there is no file '${path}'` : `'${path}' cannot be read: ${e.message}`);
  };
  const kind = await stat(path).catch(unreadable); // before opening it, which waits for ever on a pipe
  if (!kind.isFile())
    throw new UserError(`'${path}' is ${kind.isDirectory() ? "a folder" : "no regular file"}, not a file`);
  const handle = await open(path, "r").catch(unreadable);
  const info = await handle.stat();
  return {
    path,
    byteLength: info.size,
    async read(start, end, into) {
      const bytes = into?.subarray(0, end - start) ?? new Uint8Array(end - start);
      const { bytesRead, size, mtimeMs } = readNow(handle.fd, bytes, start, unreadable);
      if (bytesRead !== bytes.length || size !== info.size || mtimeMs !== info.mtimeMs)
        throw new UserError(`'${path}' has changed while it was being read`);
      return bytes;
    },
    close: () => handle.close(),
  };
}

/** At once: to hand it to another thread and to hear of it takes as long as half a megabyte of a file that the system has in memory. */
function readNow(
  fd: number,
  into: Uint8Array,
  position: number,
  unreadable: (e: NodeJS.ErrnoException) => never,
): { readonly bytesRead: number; readonly size: number; readonly mtimeMs: number } {
  try {
    const bytesRead = readSync(fd, into, 0, into.length, position);
    const { size, mtimeMs } = fstatSync(fd);
    return { bytesRead, size, mtimeMs };
  } catch (e) {
    return unreadable(e as NodeJS.ErrnoException); // node:fs throws no other
  }
}

/** What was written. */
export interface WrittenFile {
  readonly bytes: number;
  /** Hexadecimal; null where it was not asked for. */
  readonly sha256: string | null;
}
export interface WriteOptions {
  /** False leaves out the SHA-256, which takes a third of the time of writing. True unless given. */
  readonly hash?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes written so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}
/** A file that stands beside its target under another name until it is put in place. */
export interface PendingFile extends WrittenFile {
  /** Renames it, over what was there. */
  place(target: string): Promise<void>;
  /** Takes it away. */
  discard(): Promise<void>;
}

/**
 * Writes beside `target`, where that is a link beside what it leads to. When this throws, nothing is left behind and `target` is as it was: a
 * device or a pipe too, which a rename would put a file in the place of.
 */
export async function writePending(
  target: string,
  chunks: AsyncIterable<Uint8Array>,
  options: WriteOptions = {},
): Promise<PendingFile> {
  await requirePlace(target);
  const real = await followed(target);
  const temporary = join(dirname(real), `.${basename(real)}.${randomBytes(4).toString("hex")}.tmp`);
  const handle = await open(temporary, "wx").catch((e: NodeJS.ErrnoException) => {
    throw unwritable(target, e);
  });
  try {
    const written = await pour(handle, chunks, options);
    await handle.close();
    return {
      ...written,
      place: async (at) => {
        await rename(temporary, await followed(at)).catch(async (e: NodeJS.ErrnoException) => {
          await rm(temporary, { force: true });
          throw unwritable(at, e);
        });
      },
      discard: () => rm(temporary, { force: true }),
    };
  } catch (e) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw isSystemError(e) ? unwritable(target, e) : e;
  }
}

/** Writes a whole file at once, as `writePending` does. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await (await writePending(path, once(bytes), { hash: false })).place(path);
}

/** Throws a UserError that says why where nothing can be written to `path`, before hours of work are done for it. */
export async function requireWritable(path: string): Promise<void> {
  await (await writePending(path, once(new Uint8Array()), { hash: false })).discard();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Throws a UserError where something other than a regular file stands. */
async function requirePlace(target: string): Promise<void> {
  const there = await stat(target).catch(() => null); // nothing yet, or opening says what is wrong
  if (!there || there.isFile()) return;
  const what = there.isDirectory() ? "it is a folder" : "it is a device or a pipe: name a file";
  throw new UserError(`cannot write '${target}': ${what}`);
}

/** The file that a link leads to; any other path as it is, so that errors name what was given. */
export async function followed(path: string): Promise<string> {
  const [there, at] = await Promise.all([lstat(path).catch(() => null), stat(path).catch(() => null)]);
  return there?.isSymbolicLink() && at?.isFile() ? realpath(path) : path;
}

/** Computes a chunk while the two before it are on their way to the disk; each is done with before the third after it is asked for. */
async function pour(
  handle: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  { signal, onProgress, hash: hashed = true }: WriteOptions,
): Promise<WrittenFile> {
  const hash = hashed ? createHash("sha256") : null;
  const writing: Promise<void>[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    const written = writeAll(handle, chunk, bytes);
    written.catch(() => {}); // thrown where it is awaited
    if (writing.push(written) === HELD) await writing.shift();
    hash?.update(chunk);
    bytes += chunk.length;
    onProgress?.(bytes);
  }
  await Promise.all(writing);
  return { bytes, sha256: hash?.digest("hex") ?? null };
}
async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; )
    at += (await writeAt(handle.fd, chunk, at, chunk.length - at, position + at)).bytesWritten;
}

const isSystemError = (e: unknown): e is NodeJS.ErrnoException => e instanceof Error && "syscall" in e;
function unwritable(target: string, e: NodeJS.ErrnoException): UserError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `the folder '${dirname(target)}' does not exist: make it first`,
    ENOTDIR: `'${dirname(target)}' is no folder`,
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EACCES: "writing there is not permitted",
    EPERM: "writing there is not permitted",
    EROFS: "the file system is read-only",
    EISDIR: "it is a folder",
    EFBIG: "it would be larger than a file may be here",
  };
  return new UserError(`cannot write '${target}': ${reasons[e.code ?? ""] ?? e.message}`);
}
