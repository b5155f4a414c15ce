import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that a server got. */
export interface Seen {
  /** "GET /path" */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
}
export interface Served {
  readonly bytes: Uint8Array;
  /** With its quotes; without it, there is no ETag. */
  readonly etag?: string;
  readonly type?: string;
}
/** Answers in place of the server; `good` is what the server would have done. */
export type Fault = (
  request: IncomingMessage,
  response: ServerResponse,
  served: Served | null,
  good: () => void,
) => void;

export interface WebServer {
  readonly url: string;
  readonly seen: Seen[];
  /** Lines of the requests so far. */
  lines(): string[];
  /** The next requests whose line fits are answered by these, one each. */
  failNext(line: RegExp, ...faults: Fault[]): void;
  close(): Promise<void>;
}

/** A server on a port of its own. `find` gives what is at a path; null when `route` has answered, or it is not there. */
export async function startServer(
  find: (path: string) => Served | null,
  route: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<WebServer> {
  const seen: Seen[] = [];
  const faults: { line: RegExp; fault: Fault }[] = [];
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    seen.push({ line, headers: request.headers });
    const served = find(decodeURIComponent((request.url ?? "").replace(/\?.*/, "")));
    const good = () => {
      if (route(request, response)) return;
      if (served) sendFile(request, response, served);
      else status(404)(request, response, null, () => {});
    };
    const at = faults.findIndex((f) => f.line.test(line));
    const [next] = at < 0 ? [] : faults.splice(at, 1);
    if (next) next.fault(request, response, served, good);
    else good();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // a server on TCP has no other
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    lines: () => seen.map((s) => s.line),
    failNext: (line, ...more) => faults.push(...more.map((fault) => ({ line, fault }))),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A file with ranges and conditions, as RFC 9110 has them. */
export function sendFile(request: IncomingMessage, response: ServerResponse, { bytes, etag, type }: Served): void {
  const about = { ...(etag ? { etag } : {}), ...(type ? { "content-type": type } : {}) };
  if (etag && request.headers["if-none-match"] === etag) {
    response.writeHead(304, about).end();
    return;
  }
  const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  const changed = request.headers["if-range"] !== undefined && request.headers["if-range"] !== etag;
  const from = first === undefined || changed ? 0 : Number(first);
  if (from > 0 && from >= bytes.length) {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  const part = bytes.subarray(from);
  const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from > 0 ? 206 : 200, {
    ...about,
    ...(from > 0 ? range : {}),
    "accept-ranges": "bytes",
    "content-length": part.length,
  });
  if (request.method === "HEAD") response.end();
  else response.end(part);
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  (_request, response) => {
    response.writeHead(code, { "content-length": 0, ...headers }).end();
  };

/** Where who downloads tells how many bytes have come; what is still on its way when a server hangs up would be lost. */
export const arrivals = new EventEmitter<{ received: [bytes: number] }>();

/** Promises the whole and hangs up after `count` bytes of what was asked for, once they have come. */
export const cutAfter =
  (count: number): Fault =>
  (request, response, served) => {
    const { from, rest } = partOf(request, served);
    head(response, served, from, rest.length);
    const hangUp = (received: number): void => {
      if (received >= from + count) response.destroy();
    };
    arrivals.on("received", hangUp);
    response.on("close", () => arrivals.off("received", hangUp));
    response.write(rest.subarray(0, count));
  };

/** Promises the whole and falls silent after `count` bytes. */
export const stallAfter =
  (count: number): Fault =>
  (request, response, served) => {
    const { from, rest } = partOf(request, served);
    head(response, served, from, rest.length);
    response.write(rest.subarray(0, count));
  };

/** Sends the whole in `parts`, with a pause of so many milliseconds before each. */
export const slowly =
  (parts: number, pause: number): Fault =>
  (_request, response, served) => {
    const bytes = served?.bytes ?? new Uint8Array();
    const size = Math.ceil(bytes.length / parts);
    head(response, served, 0, bytes.length);
    for (let i = 0; i < parts; i++)
      setTimeout(() => response.write(bytes.subarray(i * size, (i + 1) * size)), (i + 1) * pause);
  };

/** Never answers at all. */
export const silence: Fault = () => {};

/** Sends other bytes in place of the right ones, as if all were well. */
export const instead =
  (change: (bytes: Uint8Array) => Uint8Array): Fault =>
  (_request, response, served) => {
    const bytes = change(Uint8Array.from(served?.bytes ?? []));
    response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  };

/** Knows nothing of ranges. */
export const wholeAnyway: Fault = (request, response, served, good) => {
  if (!served) return good();
  const { range: _, ...headers } = request.headers;
  request.headers = headers;
  sendFile(request, response, served);
};

export const redirectTo =
  (location: string, code = 302): Fault =>
  (request, response, served, good) =>
    status(code, { location })(request, response, served, good);

function partOf(request: IncomingMessage, served: Served | null) {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  return { from, rest: (served?.bytes ?? new Uint8Array()).subarray(from) };
}
function head(response: ServerResponse, served: Served | null, from: number, length: number): void {
  response.writeHead(from > 0 ? 206 : 200, {
    ...(served?.etag ? { etag: served.etag } : {}),
    "content-length": length,
    ...(from > 0 ? { "content-range": `bytes ${from}-${from + length - 1}/${from + length}` } : {}),
  });
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const gitHash = (bytes: Uint8Array): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
