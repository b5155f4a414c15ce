import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../graph/error.js";
import { cacheHome, folderOf } from "./cache-folder.js";
import type { Token } from "./request.js";
import type { Task } from "./task.js";

/** What the variables of Python's huggingface_hub say (its page "Environment variables"). */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: Token | null;
  /** The folder of all repositories. */
  readonly cache: string;
  readonly offline: boolean;
}

const isOn = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? "");

export async function hubSettings(env: Task["env"]): Promise<HubSettings> {
  const home = folderOf(env, "HF_HOME") ?? join(cacheHome(env), "huggingface");
  const endpoint = (env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(endpoint) || !URL.canParse(endpoint))
    throw new UserError(`HF_ENDPOINT is '${endpoint}', which is no address: write it as https://huggingface.co`);
  const secret = isOn(env.HF_HUB_DISABLE_IMPLICIT_TOKEN) ? null : await tokenOf(env, home);
  return {
    endpoint,
    token: secret === null ? null : { value: secret, origin: new URL(endpoint).origin },
    cache: folderOf(env, "HF_HUB_CACHE") ?? folderOf(env, "HUGGINGFACE_HUB_CACHE") ?? join(home, "hub"),
    offline: isOn(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE),
  };
}

async function tokenOf(env: Task["env"], home: string): Promise<string | null> {
  const set = (env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || "").trim();
  if (set) return checked(set, "HF_TOKEN");
  const path = folderOf(env, "HF_TOKEN_PATH") ?? join(home, "token");
  const kept = (await readFile(path, "utf8").catch(() => "")).trim(); // nobody has logged in
  return kept ? checked(kept, `the file '${path}'`) : null;
}

/** What is in no header may be anything, and is not shown. */
function checked(token: string, where: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UserError(`the token in ${where} has a character that no token has: copy it anew`);
}
