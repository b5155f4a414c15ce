import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { makeRoom, unkeepable } from "./cache-folder.js";
import { isCommit } from "./source.js";

/**
 * One repository in the cache that Python's huggingface_hub keeps (its guide "Understand caching"): refs/<revision> holds a commit, blobs/<etag> the
 * bytes, snapshots/<commit>/<file> a link to them, and .no_exist/<commit>/<file> tells that there is no such file.
 */
export interface HubCache {
  readonly folder: string;
  commitOf(revision: string): Promise<string | null>;
  keepCommit(revision: string, commit: string): Promise<void>;
  /** Names of the files of a commit that are there. */
  filesOf(commit: string): Promise<string[]>;
  find(commit: string, file: string): Promise<CachedFile | null>;
  blob(etag: string): string;
  /** Makes the link to a blob that is there; a copy where the system has no links. */
  link(commit: string, file: string, etag: string): Promise<string>;
  isMissing(commit: string, file: string): Promise<boolean>;
  keepMissing(commit: string, file: string): Promise<void>;
}
export interface CachedFile {
  readonly path: string;
  /** Name of its blob; null for a copy. */
  readonly etag: string | null;
}

export function hubCache(root: string, repo: string): HubCache {
  const folder = join(root, `models--${repo.replaceAll("/", "--")}`);
  const inside = (...path: string[]): string => join(folder, ...path);
  const commitOf = async (revision: string): Promise<string | null> => {
    const commit = (await readFile(inside("refs", revision), "utf8").catch(() => "")).trim();
    return isCommit(commit) ? commit : null;
  };
  return {
    folder,
    commitOf,
    async keepCommit(revision, commit) {
      if (revision !== commit && (await commitOf(revision)) !== commit)
        await put(inside("refs", revision), (path) => writeFile(path, commit));
    },
    async filesOf(commit) {
      const root = inside("snapshots", commit);
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
    },
    async find(commit, file) {
      const path = inside("snapshots", commit, file);
      if (!(await isFile(path))) return null;
      const real = await realpath(path);
      return { path, etag: basename(dirname(real)) === "blobs" ? basename(real) : null };
    },
    blob: (etag) => inside("blobs", etag),
    async link(commit, file, etag) {
      const path = inside("snapshots", commit, file);
      const blob = inside("blobs", etag);
      await put(path, (temporary) =>
        symlink(relative(dirname(path), blob), temporary).catch(() => copyFile(blob, temporary)),
      );
      return path;
    },
    isMissing: (commit, file) => isFile(inside(".no_exist", commit, file)),
    async keepMissing(commit, file) {
      const path = inside(".no_exist", commit, file);
      await mkdir(dirname(path), { recursive: true })
        .then(() => writeFile(path, ""))
        .catch(() => {}); // it only spares a question
    },
  };
}

/** Makes what `path` is to be under another name, and renames it: others see the old or the new. */
async function put(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await makeRoom(path);
  const temporary = join(dirname(path), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (e) {
    await rm(temporary, { force: true });
    throw unkeepable(path, e);
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (s) => s.isFile(),
    () => false,
  );
