import { constants } from "node:fs";
import { access, mkdir, readdir, readFile, rm, stat, statfs, utimes } from "node:fs/promises";
import { join } from "node:path";
import { cacheHome } from "../../export/node/fetch/cache-folder.js";
import { writePending } from "../../export/node/file.js";

/** Bytes of models that are kept, those used last; and bytes that are left to others on the disk. */
export const CACHE_LIMIT = 2 * 2 ** 30;
const LEFT_FREE = 2 ** 30;
/** Milliseconds: what nobody used for as long is taken away, and what a process that died left half done. */
const UNUSED = 90 * 24 * 3600_000;
/** Milliseconds after which what was declined is tried again: it may have been for want of memory. */
const RETRIED = 7 * 24 * 3600_000;
const ABANDONED = 3600_000;

/** What is known of a model's fast form on this machine. */
export type FastEntry =
  /** It stands beside the entry. `splits`: run on images one by one it gives what the model gives for all at once. */
  | { readonly kind: "made"; readonly bytes: number; readonly sha256: string; readonly splits: boolean }
  | { readonly kind: "declined"; readonly reason: string }
  /** The model has been opened, but not often enough to be worth it. */
  | { readonly kind: "seen" };

export const cacheFolder = (): string => join(cacheHome(process.env), "se-onnx", "optimized");
export const formFile = (key: string): string => join(cacheFolder(), `${key}.onnx`);
const entryFile = (key: string): string => join(cacheFolder(), `${key}.json`);

/** The entry; null where there is none that can be read. A form is then the one used last. */
export async function readEntry(key: string): Promise<FastEntry | null> {
  const file = entryFile(key);
  const [text, info] = await Promise.all([readFile(file, "utf8"), stat(file)]).catch(() => []);
  const entry = text && info ? parse(text) : null;
  if (entry?.kind === "declined" && info && Date.now() - info.mtimeMs > RETRIED) return null;
  if (entry?.kind === "made") await utimes(file, new Date(), new Date()).catch(() => {}); // nothing is taken from a folder that is read-only
  return entry;
}

function parse(text: string): FastEntry | null {
  try {
    const { kind, bytes, sha256, splits, reason } = JSON.parse(text) as Partial<Record<string, unknown>>; // checked here
    if (kind === "seen") return { kind };
    if (kind === "declined" && typeof reason === "string") return { kind, reason };
    if (kind === "made" && typeof bytes === "number" && typeof sha256 === "string")
      return { kind, bytes, sha256, splits: splits === true };
    return null;
  } catch {
    return null;
  }
}

/** Puts the entry in place, and takes away what is too old or too much. */
export async function writeEntry(key: string, entry: FastEntry): Promise<void> {
  const file = entryFile(key);
  await (await writePending(file, once(JSON.stringify(entry)), { hash: false })).place(file);
  await tidy();
}
async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

export async function removeEntry(key: string): Promise<void> {
  for (const file of [entryFile(key), formFile(key)]) await rm(file, { force: true }).catch(() => {}); // another process may hold it
}

/** Makes the folder, and says why nothing of `bytes` can be kept there; null where it can. */
export async function cannotKeep(bytes: number): Promise<string | null> {
  const folder = cacheFolder();
  if (bytes > CACHE_LIMIT / 2) return `its ${mebibytes(bytes)} are more than is kept of one model`;
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = Number(bavail) * Number(bsize);
    return free < bytes + LEFT_FREE ? `only ${mebibytes(free)} are free on the disk of '${folder}'` : null;
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException; // thrown by the file system
    return `nothing can be kept in '${folder}' (${code})`;
  }
}
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** What the cache holds. */
export interface CacheReport {
  readonly folder: string;
  readonly models: number;
  readonly bytes: number;
  readonly limit: number;
}
export async function cacheReport(): Promise<CacheReport> {
  const forms = (await filesIn(cacheFolder())).filter(({ name }) => name.endsWith(".onnx"));
  const bytes = forms.reduce((sum, f) => sum + f.bytes, 0);
  return { folder: cacheFolder(), models: forms.length, bytes, limit: CACHE_LIMIT };
}

interface CachedFile {
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since it was written or used. */
  readonly age: number;
}
async function filesIn(folder: string): Promise<readonly CachedFile[]> {
  const names = await readdir(folder).catch(() => []);
  const infos = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => null)));
  return names.flatMap((name, i) => {
    const info = infos[i];
    return info ? [{ name, bytes: info.size, age: Date.now() - info.mtimeMs }] : [];
  });
}

async function tidy(): Promise<void> {
  const files = await filesIn(cacheFolder());
  const sizes = new Map(files.map((f) => [f.name, f.bytes]));
  const entries = files.filter(({ name }) => name.endsWith(".json")).sort((a, b) => a.age - b.age);
  const kept = new Set<string>();
  let sum = 0;
  for (const { name, age } of entries) {
    const key = name.slice(0, -".json".length);
    sum += sizes.get(`${key}.onnx`) ?? 0;
    if (age < UNUSED && sum <= CACHE_LIMIT) kept.add(key);
    else await removeEntry(key);
  }
  for (const { name, age } of files) {
    const key = name.slice(0, name.lastIndexOf("."));
    const lost = name.endsWith(".hash") ? age > UNUSED : age > ABANDONED && !kept.has(key);
    if (lost) await rm(join(cacheFolder(), name), { force: true }).catch(() => {}); // as in removeEntry
  }
}
