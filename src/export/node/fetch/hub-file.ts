import { UserError } from "../../../graph/error.js";
import { makeRoom } from "./cache-folder.js";
import { few } from "./choose-file.js";
import { download } from "./download.js";
import type { Listing } from "./hub-api.js";
import type { HubCache } from "./hub-cache.js";
import { hubRefusal } from "./hub-refusal.js";
import type { HubSettings } from "./hub-settings.js";
import { alone } from "./lock.js";
import { type Answer, request, shown } from "./request.js";
import { breach, type Digest, digestOf, type Seal } from "./seal.js";
import type { HubSource } from "./source.js";
import { persist, type Task } from "./task.js";

export interface HubFile extends Digest {
  readonly path: string;
  readonly url: string;
}
/** The commit that files are fetched from, and for whom. */
export interface HubPlace {
  readonly source: HubSource;
  readonly hub: HubSettings;
  readonly cache: HubCache;
  readonly commit: string;
  /** What the hub has told of it, if it was asked. */
  readonly listing: Listing | null;
  readonly task: Task;
}

export const addressOf = ({ repo }: HubSource, { endpoint }: HubSettings, commit: string, file: string): URL =>
  new URL(`${endpoint}/${repo}/resolve/${commit}/${file.split("/").map(encodeURIComponent).join("/")}`);

/** Fetches one file into the cache: its blob, unless another commit has brought it, and the link to it. */
export async function fetchHubFile(place: HubPlace, file: string, url: URL): Promise<HubFile> {
  const { source, hub, cache, commit, task } = place;
  const name = `${source.repo}/${file}`;
  const refusal = (answer: Answer): UserError => refusalOf(place, file, answer);
  const answer = await ask(place, name, url);
  if (answer.status >= 400) throw refusal(answer);
  const { etag, seal } = labelOf(answer);
  const target = cache.blob(etag);
  await makeRoom(target);
  const digest = await alone(target, name, task, async (isMine) => {
    const there = await digestOf(target, seal, task.signal);
    if (there && !breach(seal, there)) return there;
    const token = hub.token;
    const parcel = { url, token, name, target, seal, immutable: true, current: null, isMine, refusal };
    return download(parcel, task);
  });
  return { path: await cache.link(commit, file, etag), url: url.href, ...digest };
}

/** A HEAD that ends at the hub's own headers, rather than at those of the host that it leads to. */
async function ask({ hub, task }: HubPlace, name: string, url: URL): Promise<Answer> {
  const suffices = (answer: Answer, next: URL): boolean =>
    answer.url.origin !== next.origin && etagOf(answer.headers) !== null;
  const answer = await persist(name, task, () => request(url, { method: "HEAD", token: hub.token, suffices }, task));
  await answer.discard();
  return answer;
}

function labelOf({ url, status, headers }: Answer): { etag: string; seal: Seal } {
  const etag = etagOf(headers);
  if (etag === null)
    throw new UserError(
      `${shown(url)} has no ETag that could name it in the cache: is HF_ENDPOINT set to what is no hub?`,
    );
  const size = headers.get("x-linked-size") ?? (status < 300 ? headers.get("content-length") : null);
  return { etag, seal: sealOf(etag, size === null ? null : Number(size)) };
}

function refusalOf({ source, hub, listing }: HubPlace, file: string, answer: Answer): UserError {
  const refused = hubRefusal(source, hub, answer, file);
  return listing && answer.status === 404 && !listing.files.includes(file)
    ? new UserError(`${refused.message}: it has ${few(listing.files)}`)
    : refused;
}

/** The hub names a file in LFS by its SHA-256, and any other by Git's hash. */
export const sealOf = (etag: string | null, bytes: number | null): Seal => ({
  bytes,
  sha256: etag !== null && /^[0-9a-f]{64}$/.test(etag) ? etag : null,
  blob: etag !== null && /^[0-9a-f]{40}$/.test(etag) ? etag : null,
});

/** As huggingface_hub reads it; null when it could not be a file's name. */
function etagOf(headers: Headers): string | null {
  const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  return /^[\w-][\w.-]{0,150}$/.test(etag) ? etag : null;
}
