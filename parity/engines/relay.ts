import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Relay {
  readonly url: string;
  /** What the policy refused, in pages and in workers, as browsers report it. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/** The server at `origin` with nothing changed but that its policy has browsers report what it refuses. */
export async function relay(origin: string): Promise<Relay> {
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const { "csp-report": report } = JSON.parse(await text(request));
      refused.push(`${report["effective-directive"] ?? report["violated-directive"]} ${report["blocked-uri"]}`);
      return response.writeHead(204).end();
    }
    const found = await fetch(new URL(request.url ?? "/", origin));
    const headers = new Headers(found.headers);
    const policy = headers.get("content-security-policy");
    if (policy) headers.set("content-security-policy", `${policy}; report-uri /refused`);
    return response.writeHead(found.status, Object.fromEntries(headers)).end(Buffer.from(await found.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's address is one
  return {
    url: `http://127.0.0.1:${port}/`,
    refused,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}
