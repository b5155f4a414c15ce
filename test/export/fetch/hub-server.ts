import type { IncomingMessage, ServerResponse } from "node:http";
import { gitHash, type Served, sendFile, sha256, startServer, status, type WebServer } from "./web-server.js";

/** What is at one commit of a repository; files of over 1,000 bytes are in LFS. */
export interface Repo {
  readonly commit: string;
  readonly revisions: readonly string[];
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Who does not send this token is told that there is no such repository. */
  readonly secret?: string;
  readonly gated?: boolean;
}
export interface Hub {
  readonly url: string;
  /** The hub itself. */
  readonly hub: WebServer;
  /** The host that it keeps LFS files on, and sends everybody to. */
  readonly cdn: WebServer;
  repos: Record<string, Repo>;
  close(): Promise<void>;
}

const isLarge = (bytes: Uint8Array): boolean => bytes.length > 1000;

/** A server with the hub's endpoints for models: model info, and files, from a second host or under a second path as the hub has them. */
export async function startHub(repos: Record<string, Repo>): Promise<Hub> {
  const at = { repos };
  const cdn = await startServer((path) => blobOf(at.repos, path.slice("/blob/".length)));
  const hub = await startServer(
    (path) => placeOf(at.repos, path)?.served ?? null,
    (request, response) => route(at.repos, cdn.url, request, response),
  );
  const close = async (): Promise<void> => {
    await Promise.all([hub.close(), cdn.close()]);
  };
  return Object.assign(at, { url: hub.url, hub, cdn, close });
}

function blobOf(repos: Record<string, Repo>, hash: string): Served | null {
  const bytes = Object.values(repos)
    .flatMap((repo) => Object.values(repo.files))
    .find((file) => isLarge(file) && sha256(file) === hash);
  return bytes ? { bytes, etag: `"cdn-${hash.slice(0, 8)}"` } : null;
}

/** Reads /owner/name/resolve/revision/file, or where the hub keeps small ones. */
function placeOf(repos: Record<string, Repo>, path: string) {
  const at = path.replace(/^\/api\/resolve-cache\/models\/(.+?)\/([0-9a-f]{40})\//, "/$1/resolve/$2/");
  const [, name = "", revision = "", file = ""] = /^\/(.+?)\/resolve\/(refs\/pr\/\d+|[^/]+)\/(.+)$/.exec(at) ?? [];
  const repo = repos[name];
  const bytes = repo?.files[file];
  const served = bytes ? { bytes, etag: `"${isLarge(bytes) ? sha256(bytes) : gitHash(bytes)}"` } : null;
  return name ? { repo, revision, file, served } : null;
}

function route(repos: Record<string, Repo>, cdn: string, request: IncomingMessage, response: ServerResponse): boolean {
  const refuse = (code: number, error: string): true => {
    status(code, { "x-error-code": error, "x-error-message": error })(request, response, null, () => {});
    return true;
  };
  const path = decodeURIComponent((request.url ?? "").replace(/\?.*/, ""));
  const [, apiRepo, apiRevision = ""] = /^\/api\/models\/(.+?)\/revision\/(.+)$/.exec(path) ?? [];
  const place = placeOf(repos, path);
  if (path.startsWith("/api/resolve-cache/") && place?.served) {
    response.setHeader("x-repo-commit", place.repo?.commit ?? "");
    sendFile(request, response, place.served);
    return true;
  }
  const repo = apiRepo === undefined ? place?.repo : repos[apiRepo];
  const revision = apiRepo === undefined ? (place?.revision ?? "") : apiRevision;
  if (apiRepo === undefined && !place) return false;
  if (!repo || (repo.secret !== undefined && request.headers.authorization !== `Bearer ${repo.secret}`))
    return refuse(401, "RepoNotFound");
  if (revision !== repo.commit && !repo.revisions.includes(revision)) return refuse(404, "RevisionNotFound");
  if (apiRepo !== undefined) {
    const siblings = Object.keys(repo.files).map((rfilename) => ({ rfilename }));
    const info = {
      _id: "1",
      id: apiRepo,
      sha: repo.commit,
      siblings,
      private: false,
      gated: false,
      downloads: 0,
      likes: 0,
    };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...info, lastModified: "2024-01-01T00:00:00.000Z" }));
    return true;
  }
  if (repo.gated) return refuse(403, "GatedRepo");
  if (!place?.served) {
    response.setHeader("x-repo-commit", repo.commit);
    return refuse(404, "EntryNotFound");
  }
  const { bytes, etag } = place.served;
  const name = path.split("/resolve/")[0]?.slice(1);
  const location = isLarge(bytes)
    ? `${cdn}/blob/${sha256(bytes)}`
    : `/api/resolve-cache/models/${name}/${repo.commit}/${encodeURIComponent(place.file)}`;
  status(isLarge(bytes) ? 302 : 307, {
    location,
    "x-repo-commit": repo.commit,
    "x-linked-etag": etag,
    "x-linked-size": String(bytes.length),
  })(request, response, null, () => {});
  return true;
}
