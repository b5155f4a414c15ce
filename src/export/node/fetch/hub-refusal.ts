import { UserError } from "../../../graph/error.js";
import type { HubSettings } from "./hub-settings.js";
import type { Answer } from "./request.js";
import { shown } from "./request.js";
import type { HubSource } from "./source.js";
import { Unavailable } from "./task.js";

/** The sentence for a refusal of the hub, which tells the reason in X-Error-Code; for some a cached file may stand in. */
export function hubRefusal(source: HubSource, hub: HubSettings, answer: Answer, file?: string): UserError {
  const { status, headers, url } = answer;
  const code = headers.get("x-error-code") ?? "";
  const { repo, revision } = source;
  const own = hub.token
    ? "the token that is set may not see it"
    : "set HF_TOKEN to a token of https://huggingface.co/settings/tokens";
  if (code === "GatedRepo")
    return new Unavailable(
      `${repo} is given only to who accepts its terms: do so at ${hub.endpoint}/${repo}, then ${hub.token ? "check that HF_TOKEN is a token of that account" : own}`,
    );
  if (code === "RevisionNotFound")
    return new UserError(
      `${repo} has no revision '${revision}': see ${hub.endpoint}/${repo}/tree/main for those it has`,
    );
  if (code === "EntryNotFound") return new UserError(`${repo} has no file '${file}' at revision '${revision}'`);
  if (headers.get("x-error-message") === "Invalid credentials in Authorization header")
    return new Unavailable("the hub does not know the token in HF_TOKEN: set it anew, or unset it for public models");
  if (status === 401 || code === "RepoNotFound")
    return new Unavailable(
      `there is no '${repo}' on ${hub.endpoint}, or it is private: check the name; if it is private, ${own}`,
    );
  if (status === 403) return new Unavailable(`the hub refuses ${repo} (403): ${own}`);
  if (status === 404)
    return new UserError(
      `${shown(url)} is not there (404): check the name${file ? "s of the model and the file" : ""}`,
    );
  return new UserError(`${shown(url)} answers with status ${status}, which brings no file`);
}
