import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../../graph/error.js";

type Env = Readonly<Record<string, string | undefined>>;

/** The user's folder for what programs keep. */
export const cacheHome = (env: Env): string => folderOf(env, "XDG_CACHE_HOME") ?? join(home(env), ".cache");

/** The folder that the variable names, with ~ and $NAME written out as Python's expanduser and expandvars do; null where it is not set. */
export function folderOf(env: Env, variable: string): string | null {
  const value = env[variable];
  if (!value) return null;
  return value
    .replace(/^~(?=$|[\\/])/, () => home(env))
    .replace(/\$(?:(\w+)|\{([^}]+)\})/g, (as, bare, braced) => env[bare ?? braced] ?? as);
}
const home = (env: Env): string => env.HOME || homedir();

/** Makes the folder that `path` lies in. */
export async function makeRoom(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((e: unknown) => {
    throw unkeepable(dirname(path), e);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: make room, or keep it elsewhere",
  EDQUOT: "the disk quota is used up: make room, or keep it elsewhere",
  EACCES: "that is not permitted: keep it elsewhere",
  EPERM: "that is not permitted: keep it elsewhere",
  EROFS: "the file system is read-only: keep it elsewhere",
  ENOTDIR: "a part of that path is a file: keep it elsewhere",
  EEXIST: "a part of that path is a file: keep it elsewhere",
  ENAMETOOLONG: "the name is too long for the file system",
};

/** The sentence for what the file system refused; anything else as it was. */
export function unkeepable(path: string, e: unknown): unknown {
  if (!(e instanceof Error && "syscall" in e && "code" in e)) return e;
  const reason = REASONS[String(e.code)] ?? e.message;
  return new UserError(
    `the download cannot be kept in '${path}': ${reason} (HF_HOME, TORCH_HOME or XDG_CACHE_HOME says where)`,
  );
}
