import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { extname } from "node:path";
import { pipeline } from "node:stream";
import { UserError } from "../src/graph/error.js";

/** Files by the path of their address, which starts with a slash: nothing else can be asked for. */
export type Files = ReadonlyMap<string, string>;

export interface StaticServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Where servers listen: on this machine alone. */
export const HOST = "127.0.0.1";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
};

/** Serves `files` with `headers` on the first of `ports` that is free. Throws a UserError where none is. */
export async function serveFiles(
  files: Files,
  headers: Readonly<Record<string, string>>,
  ports: readonly number[],
): Promise<StaticServer> {
  const server = createServer(async ({ method = "", url = "" }, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const file = files.get(url.replace(/[?#].*/, ""));
    if (method !== "GET" && method !== "HEAD") return response.writeHead(405, { Allow: "GET, HEAD" }).end();
    if (!file) return response.writeHead(404).end();
    return send(file, response, method === "HEAD");
  });
  return {
    port: await listen(server, ports),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function send(file: string, response: ServerResponse, headOnly: boolean): Promise<void> {
  const info = await stat(file).catch(() => null);
  if (!info) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Content-Length": info.size,
    "Cache-Control": "no-cache",
  });
  if (headOnly) response.end();
  else pipeline(createReadStream(file), response, () => {}); // a browser that leaves is no fault
}

async function listen(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const failure = await listenOn(server, port);
    const address = server.address();
    if (!failure && typeof address === "object" && address) return address.port;
    if (failure?.code !== "EADDRINUSE")
      throw new UserError(`port ${port} cannot be used (${failure?.message}): give another with --port`);
  }
  const all = ports.length > 1 ? `the ports ${ports[0]} to ${ports.at(-1)} are all taken` : `port ${ports[0]} is taken`;
  throw new UserError(`${all}: give another with --port, or --port 0 for any that is free`);
}
const listenOn = (server: Server, port: number): Promise<NodeJS.ErrnoException | null> =>
  new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(port, HOST, () => {
      server.off("error", resolve);
      resolve(null);
    });
  });
