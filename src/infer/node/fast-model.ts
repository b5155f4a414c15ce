import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rename, rm, stat } from "node:fs/promises";
import { setPriority } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { alone } from "../../export/node/fetch/lock.js";
import { cacheFolder, cannotKeep, type FastEntry, formFile, readEntry, removeEntry, writeEntry } from "./fast-cache.js";
import type { MakerReply, MakerRequest } from "./maker-protocol.js";
import { digest, fileHash, modelHash } from "./model-hash.js";
import { installed } from "./package.js";
import { processor } from "./processor.js";

/** A file that a device runs faster than the model it was made of, with the same outputs. */
export interface FastModel {
  readonly target: string;
  readonly path: string;
  readonly sha256: string;
  /** Images that it takes at a time; null: as the model. */
  readonly batch: number | null;
  /** Run on images one by one it gives what the model gives for all at once. */
  readonly splits: boolean;
  /** Milliseconds that it took to make and compare; null where it was kept from another time. */
  readonly madeMs: number | null;
}
export interface FastWish {
  readonly target: string;
  readonly batch: number | null;
  /** Names of the files beside the model that hold tensors. */
  readonly dataFiles: readonly string[];
  readonly threads: number | undefined;
  /** When it is made, where it is not kept already: now, or when the model is asked for again, since for a few images it takes longer than it saves. */
  readonly make: "now" | "again";
  /** Beside other work, which is not to wait. */
  readonly beside: boolean;
}

/** Changed whenever the passes are (a test tells when), so that files of earlier ones are not used. */
export const PASSES_VERSION = 6;
/** Milliseconds after which a process that makes a form is given up. */
const PATIENCE = 300_000;
const BESIDE_PRIORITY = 10;
/** Milliseconds that another process which makes the same form is waited for. */
const TURN = 3_000;

/**
 * The model at `path` as its target's passes rewrite it: from the cache, or made and compared with the model on this machine, in a process of its own.
 * A sentence where it would gain nothing, is not the same here, or cannot be had: that never keeps the model itself from running.
 */
export async function fastModel(path: string, wish: FastWish): Promise<FastModel | string> {
  try {
    return await kept(path, wish);
  } catch (e) {
    return `its other form cannot be had: ${e instanceof Error ? e.message : String(e)}`;
  }
}

async function kept(path: string, wish: FastWish): Promise<FastModel | string> {
  const files = filesOf(path, wish.dataFiles);
  const key = await keyOf(files, wish);
  const known = await readEntry(key);
  const ready = await use(key, known, wish);
  if (ready !== null) return ready;
  const bytes = (await Promise.all(files.map((f) => stat(f)))).reduce((sum, f) => sum + f.size, 0);
  const obstacle = await cannotKeep(bytes);
  if (obstacle) return obstacle;
  if (wish.make === "again" && known === null) {
    await writeEntry(key, { kind: "seen" });
    return "for a few images that takes longer than it saves: it is done when the model is used again";
  }
  let isMine = false;
  const turn = AbortSignal.timeout(TURN);
  return alone(formFile(key), "the fast form", { note: () => {}, signal: turn }, async () => {
    isMine = true;
    const found = await use(key, await readEntry(key), wish); // another process may have made it meanwhile
    return found ?? make(files, key, wish);
  }).catch((e: unknown) => {
    if (isMine || !turn.aborted) throw e;
    return "another process is making its other form";
  });
}

/** The model's file, and those beside it that hold tensors. */
export const filesOf = (path: string, dataFiles: readonly string[]): readonly string[] => [
  resolve(path),
  ...dataFiles.map((name) => join(dirname(resolve(path)), name)),
];

/** Whether the file is still what was compared; where it is not, nothing of it is left, so that it is made anew. */
export async function isIntact({ path, sha256 }: FastModel): Promise<boolean> {
  if ((await fileHash(path).catch(() => null)) === sha256) return true;
  const [key = ""] = path.slice(cacheFolder().length + 1).split(".");
  await removeEntry(key);
  return false;
}

async function use(
  key: string,
  entry: FastEntry | null,
  { target, batch }: FastWish,
): Promise<FastModel | string | null> {
  if (entry?.kind === "declined") return entry.reason;
  if (entry?.kind !== "made") return null;
  const path = formFile(key);
  const size = await stat(path).then(
    (s) => s.size,
    () => null,
  );
  const { sha256, splits } = entry;
  return size === entry.bytes ? { target, path, sha256, batch, splits, madeMs: null } : null;
}

/** Everything that the form depends on: the model, the target, the batch, the passes, the runtime and the processor. */
async function keyOf(files: readonly string[], { target, batch }: FastWish): Promise<string> {
  const { model, simd } = processor();
  const runtime = installed("onnxruntime-node")?.version;
  const parts = [
    await modelHash(files, cacheFolder()),
    target,
    batch,
    PASSES_VERSION,
    runtime,
    process.arch,
    model,
    simd,
  ];
  return digest(JSON.stringify(parts));
}

async function make(files: readonly string[], key: string, wish: FastWish): Promise<FastModel | string> {
  const { target, batch, threads } = wish;
  const [path = ""] = files;
  const started = performance.now();
  const untried = join(cacheFolder(), `${key}.${randomBytes(4).toString("hex")}.untried.onnx`); // nobody runs it under this name
  try {
    const reply = await askMaker({ path, file: untried, target, batch, threads }, wish.beside);
    if (reply.kind === "ended") return `it could not be made: ${reply.message}`; // interrupted, perhaps, or for want of memory now
    if ((await keyOf(files, wish)) !== key) return "the model changed while its other form was made";
    if (reply.kind === "made") {
      await rename(untried, formFile(key));
      await writeEntry(key, reply);
      const { sha256, splits } = reply;
      return { target, path: formFile(key), sha256, batch, splits, madeMs: performance.now() - started };
    }
    const reason = reply.kind === "declined" ? reply.reason : `it could not be made: ${reply.message}`;
    await writeEntry(key, { kind: "declined", reason });
    return reason;
  } catch (e) {
    return `it could not be made: ${e instanceof Error ? e.message : String(e)}`;
  } finally {
    await rm(untried, { force: true }).catch(() => {}); // it is taken away later
  }
}

/** Makes it in a process of its own, which ends where this one does. */
function askMaker(request: MakerRequest, beside: boolean): Promise<MakerReply> {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL("./fast-maker.js", import.meta.url));
    const child = fork(script, [], { execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    if (beside) {
      stepBack(child);
      patience.unref();
    }
    child.once("message", (reply: MakerReply) => resolve(reply));
    child.on("error", (e) => {
      clearTimeout(patience);
      reject(e);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(patience);
      resolve({ kind: "ended", message: `the process that tried it ended by ${signal ?? `exit code ${code}`}` });
    });
    child.send(request, () => {}); // where it is gone, its end says so
  });
}

/** Lets other work have the processor first, and the process end without it. */
function stepBack(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, BESIDE_PRIORITY);
  } catch {} // not everywhere permitted
  child.unref();
  child.channel?.unref();
}
