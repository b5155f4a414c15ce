import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

export interface Site {
  /** "http://127.0.0.1:port" */
  readonly origin: string;
  /** Adds a page that runs `script` as a module, under this list of script sources, and keeps what the policy refuses in `violations`. */
  page(path: string, script: string, scriptSources: string): void;
  close(): Promise<void>;
}

/** What makes a page cross-origin isolated, so that it may have threads that share memory. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Serves files by path on this machine, every page under a policy that allows scripts and workers of its own origin only, and requests to this machine. */
export async function serve(files: ReadonlyMap<string, Uint8Array>, { isolated = false } = {}): Promise<Site> {
  const pages = new Map<string, { readonly html: string; readonly policy: string }>();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const page = pages.get(path);
    const body = page?.html ?? files.get(path) ?? (path === "/watch.js" ? WATCH : null);
    if (body === null) return response.writeHead(404).end();
    response.setHeader("Content-Type", TYPES[page ? ".html" : extname(path)] ?? "application/octet-stream");
    if (isolated) response.setHeaders(new Map(Object.entries(ISOLATED)));
    if (page) response.setHeader("Content-Security-Policy", page.policy);
    return response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's address is one
    page(path, script, scriptSources) {
      pages.set(path, {
        html: `<!doctype html><script src="/watch.js"></script><script type="module" src="${script}"></script>`,
        policy: `default-src 'none'; script-src ${scriptSources}; connect-src 'self' http://127.0.0.1:*; img-src * blob:; worker-src 'self'`,
      });
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const WATCH = `
globalThis.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective + " " + e.blockedURI));
`;
