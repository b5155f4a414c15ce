import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordingProxy {
  /** "127.0.0.1:port" */
  readonly address: string;
  readonly hosts: ReadonlySet<string>;
  close(): Promise<void>;
}

/** A proxy that lets nothing through and keeps the hosts that it was asked for. Browsers ask it for what is not on this machine. */
export async function recordingProxy(): Promise<RecordingProxy> {
  const hosts = new Set<string>();
  const server = createServer((request, response) => {
    hosts.add(new URL(request.url ?? "", "http://unknown").hostname);
    response.writeHead(403).end();
  });
  server.on("connect", (request, socket) => {
    hosts.add((request.url ?? "").replace(/:\d+$/, ""));
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's address is one
  return {
    address: `127.0.0.1:${port}`,
    hosts,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}
