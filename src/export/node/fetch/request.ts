import { UserError } from "../../../graph/error.js";
import { Setback, type Task, Unavailable } from "./task.js";

/** A secret, and the only origin (scheme, host and port) that may see it. */
export interface Token {
  readonly value: string;
  readonly origin: string;
}
export interface Ask {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: Token | null;
  /** Of an answer that leads on to `next`: whether it says enough, so that it is not followed. */
  readonly suffices?: (answer: Answer, next: URL) => boolean;
}
export interface Answer {
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Chunks as they come; throws a Setback when the connection is cut or stalls. To be read, or discarded. */
  body(): AsyncGenerator<Uint8Array>;
  discard(): Promise<void>;
}

const MOST_REDIRECTS = 10;

/**
 * Asks once, and follows redirects one by one: never from https to http, and never with the token to another origin. Throws a Setback when there
 * is no answer or it is "later" (429, 5xx), Unavailable when there is no such host.
 */
export async function request(url: URL, ask: Ask, task: Task): Promise<Answer> {
  const seen = new Set<string>();
  for (let at = url; ; ) {
    if (seen.has(at.href)) throw new UserError(`${shown(url)} leads in a circle of redirects, back to ${shown(at)}`);
    if (seen.size > MOST_REDIRECTS) throw new UserError(`${shown(url)} leads on over ${MOST_REDIRECTS} times`);
    seen.add(at.href);
    const answer = await once(at, ask, task);
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status > 399 || answer.status === 304 || location === null) {
      await refuseLater(answer);
      return answer;
    }
    const next = URL.canParse(location, at.href) ? new URL(location, at.href) : null;
    if (next && ask.suffices?.(answer, next)) return answer;
    await answer.discard();
    if (!next || !/^https?:$/.test(next.protocol))
      throw new UserError(`${shown(at)} leads to '${location}', which is no address to download from`);
    if (at.protocol === "https:" && next.protocol === "http:")
      throw new UserError(`${shown(at)} leads to ${shown(next)}, which is not encrypted: that is refused`);
    at = next;
  }
}

/** The whole body, at most `most` bytes. */
export async function bodyOf(answer: Answer, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body()) {
    size += chunk.length;
    if (size > most)
      throw new UserError(`${shown(answer.url)} answers with over ${most} bytes, where a few were asked`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** An address without what may be a secret of it. */
export const shown = (url: URL): string => `${url.origin}${url.pathname}`;

async function once(at: URL, { method = "GET", headers = {}, token }: Ask, task: Task): Promise<Answer> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), task.patience.stall);
  const signal = task.signal ? AbortSignal.any([task.signal, stalled.signal]) : stalled.signal;
  const trouble = (e: unknown): unknown => {
    clearTimeout(timer);
    if (task.signal?.aborted) return task.signal.reason;
    if (stalled.signal.aborted) return new Setback(`sent nothing for ${task.patience.stall / 1000} s`);
    return failure(at, e);
  };
  const authorization = token && token.origin === at.origin ? { authorization: `Bearer ${token.value}` } : {};
  const response = await fetch(at, {
    method,
    headers: { "accept-encoding": "identity", "user-agent": "se-onnx", ...headers, ...authorization },
    redirect: "manual",
    signal,
  }).catch((e: unknown) => {
    throw trouble(e);
  });
  if (!response.body) clearTimeout(timer);
  return {
    url: at,
    status: response.status,
    headers: response.headers,
    async *body() {
      const reader = response.body?.getReader();
      try {
        for (;;) {
          timer.refresh();
          const read = await reader?.read().catch((e: unknown) => {
            throw trouble(e);
          });
          if (!read?.value) return;
          yield read.value;
        }
      } finally {
        clearTimeout(timer);
        await reader?.cancel().catch(() => {}); // what is left of it is not wanted
      }
    },
    async discard() {
      clearTimeout(timer);
      await response.body?.cancel().catch(() => {});
    },
  };
}

/** Reasons that a second attempt would not change. */
const LASTING: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host, or no network",
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no network",
};

function failure(at: URL, e: unknown): Error {
  const cause = e instanceof Error && e.cause instanceof Error ? e.cause : e;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const cannot = `${at.origin} cannot be reached`;
  if (/CERT|SIGNATURE/.test(code))
    return new Unavailable(
      `${cannot}: its certificate is not trusted (${code}): NODE_EXTRA_CA_CERTS names a file with that of your network's authority`,
    );
  const lasting = LASTING[code];
  if (lasting)
    return new Unavailable(
      `${cannot}: ${lasting} (${code}): check the address and the connection, or name a file that is here`,
    );
  return new Setback(`lost the connection${code ? ` (${code})` : ""}`);
}

/** Answers that say: not now. */
async function refuseLater({ status, headers, discard }: Answer): Promise<void> {
  if (status < 500 && status !== 429 && status !== 408) return;
  await discard();
  throw new Setback(
    status === 429 ? "was refused for too many requests (429)" : `met a fault of the server (${status})`,
    retryAfter(headers.get("retry-after")),
  );
}

/** Milliseconds, from seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
