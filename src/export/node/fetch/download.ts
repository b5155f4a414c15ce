import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { UserError } from "../../../graph/error.js";
import { besides } from "./besides.js";
import { makeRoom, unkeepable } from "./cache-folder.js";
import { type Answer, request, shown, type Token } from "./request.js";
import { breach, type Digest, type Hasher, hasher, hashFile, type Seal } from "./seal.js";
import { persist, Setback, type Task } from "./task.js";

/** A file to be fetched, and where it goes. */
export interface Parcel {
  readonly url: URL;
  readonly token: Token | null;
  /** What messages call it. */
  readonly name: string;
  readonly target: string;
  readonly seal: Seal;
  /** At this address there will never be other bytes, so that a part of them is worth keeping without more. */
  readonly immutable: boolean;
  /** What is at `target` already, to be left there where the server says that it is still the same. */
  readonly current: Delivery | null;
  /** Whether this process is still the one that fetches it. */
  isMine(): Promise<boolean>;
  /** The sentence for an answer that brings no file. */
  refusal(answer: Answer): UserError;
}
export interface Delivery extends Digest {
  /** ETag, or else Last-Modified. */
  readonly validator: string | null;
}

/**
 * Fetches to `target`.se-onnx.incomplete, going on from what an earlier attempt left there, and renames that once it is whole and is what the seal
 * says; so whatever happens, `target` is as it was or right. To be called by who has it
 * `alone`.
 */
export async function download(parcel: Parcel, task: Task): Promise<Delivery> {
  await makeRoom(parcel.target);
  let spoilt = 0;
  return persist(parcel.name, task, async () => {
    const delivery = await attempt(parcel, task);
    if (delivery === parcel.current) return delivery;
    const wrong = breach(parcel.seal, delivery);
    const { incomplete, validator: note } = besides(parcel.target);
    if (!wrong) {
      if (!(await parcel.isMine()))
        throw new UserError(`${parcel.name} was taken over by another process while this one was stopped: try again`);
      await rename(incomplete, parcel.target).catch((e: unknown) => {
        throw unkeepable(parcel.target, e);
      });
      await rm(note, { force: true });
      return delivery;
    }
    await discard(parcel.target);
    if (++spoilt < 2) throw new Setback(`${wrong}, and was thrown away`);
    throw new UserError(
      `${parcel.name} from ${shown(parcel.url)} ${wrong}, twice: it is not the file that was meant, or is damaged there`,
    );
  });
}

async function discard(target: string): Promise<void> {
  const { incomplete, validator: note } = besides(target);
  await Promise.all([rm(incomplete, { force: true }), rm(note, { force: true })]);
}

async function attempt(parcel: Parcel, task: Task): Promise<Delivery> {
  const { incomplete, validator: note } = besides(parcel.target);
  const validator = await readFile(note, "utf8").catch(() => null);
  const kept = await sizeOf(incomplete);
  const resumable = kept > 0 && (parcel.immutable || (validator !== null && !validator.startsWith("W/")));
  const from = resumable && kept <= (parcel.seal.bytes ?? kept) ? kept : 0;
  const hash = hasher(parcel.seal);
  if (from > 0) await hashFile(incomplete, hash, task.signal);
  if (from > 0 && from === parcel.seal.bytes) return { ...hash.digest(), validator };

  const answer = await request(parcel.url, { headers: conditions(parcel, from, validator), token: parcel.token }, task);
  try {
    if (answer.status === 304 && parcel.current) return parcel.current;
    if (answer.status === 416 && from > 0) {
      await discard(parcel.target);
      throw new Setback("could not be gone on with where it had stopped");
    }
    const page = !parcel.immutable && /^text\/html\b/.test(answer.headers.get("content-type") ?? "");
    if (page || (answer.status !== 200 && answer.status !== 206)) throw parcel.refusal(answer);
    const { start, total } = await extent(parcel, answer, from);
    return await receive(parcel, answer, start > 0 ? hash : hasher(parcel.seal), start, total, task);
  } finally {
    await answer.discard();
  }
}

function conditions({ immutable, current }: Parcel, from: number, validator: string | null): Record<string, string> {
  if (from > 0) {
    const same = !immutable && validator !== null ? { "if-range": validator } : {};
    return { range: `bytes=${from}-`, ...same };
  }
  if (!current?.validator) return {};
  return { [/^(W\/)?"/.test(current.validator) ? "if-none-match" : "if-modified-since"]: current.validator };
}

/** Writes the answer's bytes from `from` on; `hash` has taken in those before. */
async function receive(
  parcel: Parcel,
  answer: Answer,
  hash: Hasher,
  from: number,
  total: number | null,
  task: Task,
): Promise<Delivery> {
  const { incomplete, validator: note } = besides(parcel.target);
  const validator = answer.headers.get("etag") ?? answer.headers.get("last-modified");
  let at = from;
  const file = await open(incomplete, from > 0 ? "r+" : "w").catch((e: unknown) => {
    throw unkeepable(incomplete, e);
  });
  try {
    if (from === 0)
      await (validator !== null && !parcel.immutable ? writeFile(note, validator) : rm(note, { force: true }));
    task.progress(at, total, parcel.name);
    for await (const chunk of answer.body()) {
      await writeAll(file, chunk, at);
      hash.update(chunk);
      at += chunk.length;
      task.progress(at, total, parcel.name);
      if (total !== null && at > total) break;
    }
  } catch (e) {
    throw e instanceof Setback ? new Setback(e.message, e.wait, at) : unkeepable(incomplete, e);
  } finally {
    await file.close();
  }
  if (total !== null && at > total) {
    await discard(parcel.target);
    throw new Setback(`was sent with more than its ${total} bytes`);
  }
  if (total !== null && at < total) throw new Setback(`was cut off after ${at} of ${total} bytes`, null, at);
  return { ...hash.digest(), validator };
}

/** Where the answer's bytes begin, and how many the whole file has; throws a Setback where that is not what was asked for. */
async function extent(parcel: Parcel, answer: Answer, asked: number) {
  const length = answer.headers.has("content-encoding") ? null : answer.headers.get("content-length");
  if (answer.status === 200) return { start: 0, total: parcel.seal.bytes ?? (length === null ? null : Number(length)) };
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
  const whole = total === undefined || total === "*" ? parcel.seal.bytes : Number(total);
  const fits = asked > 0 && Number(first) === asked && (parcel.seal.bytes ?? whole) === whole;
  if (fits) return { start: asked, total: whole };
  await discard(parcel.target);
  throw new Setback("was answered with another part of it than the one asked for");
}

/** At its place in the file rather than at the end, so that bytes that come twice do no harm. */
async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; )
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
}

/** 0 where there is no file. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    (s) => s.size,
    () => 0,
  );
