import { rm, stat } from "node:fs/promises";
import { UserError } from "../../../graph/error.js";
import { type Listing, listRepo } from "./hub-api.js";
import type { HubCache } from "./hub-cache.js";
import { addressOf, fetchHubFile, type HubFile, sealOf } from "./hub-file.js";
import type { HubSettings } from "./hub-settings.js";
import { breach, digestOf } from "./seal.js";
import { type HubSource, isCommit } from "./source.js";
import { type Task, Unavailable } from "./task.js";

/** One commit of a repository, its files fetched as they are asked for. */
export interface Snapshot {
  readonly commit: string;
  /** Names of all files, or of those in the cache when the hub is out of reach. */
  files(): Promise<readonly string[]>;
  /** The file, verified; throws a UserError when it is neither in the cache nor to be had. */
  get(file: string): Promise<HubFile>;
  /** The same, or null when there is none. */
  find(file: string): Promise<HubFile | null>;
}

/**
 * Asks the hub which commit the revision is, and falls back on what the cache has under refs/ when there is no answer. A commit that is
 * given as such needs no question as long as the cache has all of it that is asked for.
 */
export async function openSnapshot(
  source: HubSource,
  hub: HubSettings,
  cache: HubCache,
  task: Task,
): Promise<Snapshot> {
  const kept = isCommit(source.revision) ? source.revision : await cache.commitOf(source.revision);
  let listing: Listing | null = null;
  let outage: string | null = hub.offline ? "HF_HUB_OFFLINE is set" : null;

  /** What the hub has; null, with a note, when it cannot be asked and the cache may do. */
  const ask = async (): Promise<Listing | null> => {
    if (listing || outage !== null) return listing;
    const hasty = kept === null ? task : { ...task, patience: { ...task.patience, failures: 0 } };
    listing = await listRepo(source, hub, hasty).catch((e: unknown) => {
      if (!(e instanceof Unavailable) || kept === null) throw e;
      outage = e.message;
      task.note(`${e.message}; what the cache has of ${source.repo} is used`);
      return null;
    });
    if (listing) await cache.keepCommit(source.revision, listing.commit);
    return listing;
  };

  const commit = isCommit(source.revision) ? source.revision : ((await ask())?.commit ?? kept);
  if (commit === null)
    throw new UserError(
      `${outage}, and the cache '${cache.folder}' has no ${source.repo} at revision '${source.revision}'`,
    );

  const snapshot: Snapshot = {
    commit,
    files: async () => (await ask())?.files ?? (await cache.filesOf(commit)),
    async find(file) {
      if (await cache.find(commit, file)) return snapshot.get(file);
      if (await cache.isMissing(commit, file)) return null;
      const listed = await ask();
      if (listed?.files.includes(file)) return snapshot.get(file);
      if (listed) await cache.keepMissing(commit, file);
      return null;
    },
    async get(file) {
      const url = addressOf(source, hub, commit, file);
      const cached = await cache.find(commit, file);
      if (cached) {
        const seal = sealOf(cached.etag, (await stat(cached.path)).size);
        const found = await digestOf(cached.path, seal, task.signal);
        const wrong = found ? breach(seal, found) : "has gone";
        if (found && !wrong) return { path: cached.path, url: url.href, ...found };
        if (outage !== null)
          throw new UserError(
            `${outage}, and '${cached.path}' is damaged, since it ${wrong}: go online to have it mended`,
          );
        task.note(`${file} in the cache ${wrong}: it is damaged, and fetched anew`);
        if (cached.etag !== null) await rm(cache.blob(cached.etag), { force: true });
      }
      if (outage !== null)
        throw new UserError(`${outage}, and the cache '${cache.folder}' has no '${file}' at commit ${commit}`);
      return fetchHubFile({ source, hub, cache, commit, listing, task }, file, url);
    },
  };
  return snapshot;
}
