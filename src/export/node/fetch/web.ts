import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../graph/error.js";
import { cacheHome, folderOf, makeRoom } from "./cache-folder.js";
import { download, type Parcel } from "./download.js";
import type { Fetched } from "./fetch-weights.js";
import { alone } from "./lock.js";
import { type Answer, shown } from "./request.js";
import { breach, type Digest, digestOf, type Seal } from "./seal.js";
import { type Task, Unavailable } from "./task.js";

/**
 * Fetches an address. A name that carries its hash, as torch.hub writes it (resnet50-0676ba61.pth), goes to torch's own cache, and is not asked for
 * again; any other to ours, with what the server needs to tell whether it has changed.
 */
export async function fetchUrl(url: URL, seal: Pick<Seal, "bytes" | "sha256">, task: Task): Promise<Fetched> {
  const name = fileName(url);
  const digits = hashIn(name);
  const whole: Seal = { bytes: seal.bytes, sha256: seal.sha256 ?? digits, blob: null };
  const target = join(digits === null ? ownFolder(url, task) : torchFolder(task), name);
  const pinned = whole.sha256 !== null && (await intact(target, whole, task));
  const { sha256 } = pinned || (await refreshed({ url, name, target, seal: whole }, task));
  return { path: target, name, url: publicAddress(url), revision: null, sha256, licence: null, config: null };
}

/** What is at `target`, if it is what it should be. */
async function intact(target: string, seal: Seal, task: Task): Promise<Digest | null> {
  const there = await digestOf(target, seal, task.signal);
  return there && !breach(seal, there) ? there : null;
}

/** Sees to it that `target` is what the address holds now. */
async function refreshed(place: Pick<Parcel, "url" | "name" | "target" | "seal">, task: Task): Promise<Digest> {
  const { name, target, seal } = place;
  const note = `${target}.etag`;
  await makeRoom(target);
  return alone(target, name, task, async (isMine) => {
    const there = await intact(target, seal, task);
    if (there && seal.sha256 !== null) return there; // another process has fetched it meanwhile
    const current = there && { ...there, validator: await readFile(note, "utf8").catch(() => null) };
    const hasty = there ? { ...task, patience: { ...task.patience, failures: 0 } } : task;
    try {
      const got = await download({ ...place, token: null, immutable: false, current, isMine, refusal }, hasty);
      if (seal.sha256 === null && got.validator !== null) await writeFile(note, got.validator);
      else await rm(note, { force: true });
      return got;
    } catch (e) {
      if (!(e instanceof Unavailable) || !there) throw e;
      task.note(`${e.message}; ${name} as it was fetched earlier is used`);
      return there;
    }
  });
}

/** By the rule of torch.hub; eight digits that are a date are none. */
function hashIn(name: string): string | null {
  const [, digits] = /-([a-f0-9]{8,64})\./.exec(name) ?? [];
  return digits === undefined || /^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$/.test(digits) ? null : digits;
}

const torchFolder = ({ env }: Task): string =>
  join(folderOf(env, "TORCH_HOME") ?? join(cacheHome(env), "torch"), "hub", "checkpoints");
const ownFolder = (url: URL, { env }: Task): string =>
  join(cacheHome(env), "se-onnx", createHash("sha256").update(url.href).digest("hex").slice(0, 16));

/** The last part of the path, as far as every file system takes it. */
function fileName(url: URL): string {
  const last = url.pathname.split("/").findLast(Boolean) ?? "";
  const name = last.replace(/%([0-9A-Fa-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return (
    name
      .replace(/[^\w.+-]/g, "_")
      .replace(/^\.+/, "")
      .slice(-120) || "weights"
  );
}

/** Without a query that looks like a secret, since it ends up in the model. */
function publicAddress(url: URL): string {
  const secret = /[?&][^=&]*(sig|token|key|credential|expires|auth)[^=&]*=/i.test(url.search);
  return secret ? shown(url) : `${shown(url)}${url.search}`;
}

function refusal({ status, url }: Answer): UserError {
  if (status === 200)
    return new UserError(`${shown(url)} is a web page: give the address that its button for downloading leads to`);
  if (status === 401 || status === 403)
    return new Unavailable(
      `${shown(url)} is refused (${status}): it wants a login, so download it by hand and give the file`,
    );
  if (status === 404 || status === 410)
    return new UserError(`there is nothing at ${shown(url)} (${status}): check the address`);
  return new UserError(`${shown(url)} answers with status ${status}, which brings no file`);
}
