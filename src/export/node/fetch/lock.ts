import { randomBytes } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { besides } from "./besides.js";
import { unkeepable } from "./cache-folder.js";
import type { Task } from "./task.js";

const BEAT = 5_000;
/** A lock that was not touched for as long has lost its owner, or that is stopped. */
const DEAD = 60_000;

/**
 * Runs `work` while no other process of ours does so for `target`; one that is under way is waited for. The lock is a file that is touched as long
 * as its owner runs. An owner that is stopped for long loses it: `isMine` says so, to be asked before anything is put in place.
 */
export async function alone<T>(
  target: string,
  name: string,
  task: Pick<Task, "note" | "signal">,
  work: (isMine: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const { lock } = besides(target);
  const owner = `${hostname()} ${process.pid} ${randomBytes(8).toString("hex")}`;
  for (let told = false; !(await take(lock, owner)); ) {
    if (await freed(target)) continue;
    if (!told) task.note(`${name} is being fetched by another process, which is waited for`);
    told = true;
    await sleep(50, undefined, { signal: task.signal }).catch(() => {}); // an abort is thrown with its own reason
    task.signal?.throwIfAborted();
  }
  const beat = setInterval(() => utimes(lock, new Date(), new Date()).catch(() => {}), BEAT);
  beat.unref();
  const isMine = async (): Promise<boolean> => (await ownerOf(lock)) === owner;
  try {
    return await work(isMine);
  } finally {
    clearInterval(beat);
    if (await isMine()) await rm(lock, { force: true });
  }
}

async function take(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: "wx" });
    return true;
  } catch (e) {
    if (!(e instanceof Error && "code" in e && e.code === "EEXIST")) throw unkeepable(path, e);
    return false;
  }
}

/** Takes the lock away from an owner that is gone; one that may only be stopped is not to write to the same file when it goes on. */
async function freed(target: string): Promise<boolean> {
  const { lock, incomplete } = besides(target);
  const [host, pid] = ((await ownerOf(lock)) ?? "").split(" ");
  const isGone = host === hostname() && pid !== undefined && !isRunning(Number(pid));
  const touched = await stat(lock).catch(() => null);
  if (!isGone && (touched === null || Date.now() - touched.mtimeMs < DEAD)) return false;
  if (!isGone) await rm(incomplete, { force: true });
  await rm(lock, { force: true });
  return true;
}
const ownerOf = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 asks only whether there is one
    return true;
  } catch (e) {
    return e instanceof Error && "code" in e && e.code === "EPERM"; // another user's
  }
}
