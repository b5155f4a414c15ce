import { UserError } from "../../../graph/error.js";
import type { Fetched, FetchOptions } from "./fetch-weights.js";
import { fetchHub } from "./hub.js";
import { parseHub } from "./source.js";
import type { Patience, Task } from "./task.js";
import { fetchUrl } from "./web.js";

/** `fetchWeights`, by the given patience. */
export async function fetchSource(source: string, options: FetchOptions, patience: Patience): Promise<Fetched> {
  const { sha256 = null, bytes = null, signal, env = process.env, onNote, onProgress } = options;
  const task: Task = {
    env,
    signal,
    patience,
    note: (sentence) => onNote?.(sentence),
    progress: (received, total, file) => onProgress?.(received, total, file),
  };
  signal?.throwIfAborted();
  if (sha256 !== null && !/^[0-9a-f]{8,64}$/i.test(sha256))
    throw new UserError(`'${sha256}' is no SHA-256: write 8 to 64 hexadecimal digits`);
  if (!source.startsWith("hf:")) return fetchUrl(addressOf(source), { sha256, bytes }, task);
  return fetchHub(parseHub(source), { sha256, bytes }, task);
}

function addressOf(source: string): URL {
  const url = URL.canParse(source) ? new URL(source) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UserError(`'${source}' is no address: write https://host/path`);
  if (url.username || url.password)
    throw new UserError(`the address at ${url.host} holds a user's name or password, which is not sent: leave it out`);
  url.hash = "";
  return url;
}
