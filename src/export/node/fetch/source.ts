import { UserError } from "../../../graph/error.js";

/** A place on the Hugging Face hub. */
export interface HubSource {
  readonly text: string;
  /** owner/name, or a name alone for the hub's oldest repositories. */
  readonly repo: string;
  /** A branch, a tag, refs/pr/1 or a commit. */
  readonly revision: string;
  readonly file: string | null;
}

const HUB = /^hf:([^@/]+(?:\/[^@/]+)?)(?:@(refs\/[^/]+\/[^/]+|[^/]+))?(?:\/(.*))?$/;
const NAME = /^(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[\w.-]*\w)?$/;

/** Reads hf:owner/name[@revision][/file]; of a name without owner, a file can only be named after a revision. */
export function parseHub(text: string): HubSource {
  const [, repo, revision, file] = HUB.exec(text) ?? [];
  const bare = revision === undefined && file !== undefined && !repo?.includes("/");
  if (bare || !repo?.split("/").every((part) => NAME.test(part)))
    throw new UserError(
      `'${text}' is no place on the hub: write hf:owner/name, hf:owner/name@revision or hf:owner/name/file`,
    );
  const source = { text, repo, revision: decoded(text, revision ?? "main"), file: file || null };
  for (const path of [source.revision, ...(source.file === null ? [] : [source.file])])
    if (!staysInside(path)) throw new UserError(`'${text}' is refused, since '${path}' leads out of the repository`);
  return source;
}

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** Whether a name that somebody else has given stays, as a path, in the folder that it is put in, on every system. */
export const staysInside = (path: string): boolean =>
  path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !/[\\\0]|^[A-Za-z]:/.test(path);

/** A slash in a branch's name is written %2F. */
function decoded(text: string, revision: string): string {
  try {
    return decodeURIComponent(revision);
  } catch {
    throw new UserError(
      `the revision '${revision}' in '${text}' has a % that is followed by no two hexadecimal digits`,
    );
  }
}
