import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed } from "../src/infer/node/package.js";
import type { Command, Io } from "./command.js";
import { whole } from "./options.js";
import { type Files, HOST, serveFiles } from "./static-server.js";

interface PlaygroundOptions {
  readonly port?: number;
  readonly open?: boolean;
  readonly json?: boolean;
}

/** The port that is tried first unless one is given, and how many after it. */
const PORT = 8181;
const MORE = 20;

/** The page may load its own files only, and is isolated, so that WebAssembly may have threads. The policy is the one that the page states itself. */
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

export const playground: Command = {
  define(program, io, exit) {
    program
      .command("playground")
      .description("Serve a page, on this machine alone, that builds and runs networks in the browser; Ctrl-C ends it")
      .option(
        "--port <n>",
        `port to listen on; 0 is any that is free (default: the first free one from ${PORT} on)`,
        whole(0, 65_535),
      )
      .option("--open", "open the page in the browser")
      .option("--json", "print one JSON object: url")
      .addHelpText("after", "\nExample:\n  $ se-onnx playground --open")
      .action(async ({ port, open, json }: PlaygroundOptions) => {
        const ports = port === undefined ? Array.from({ length: MORE }, (_, i) => PORT + i) : [port];
        const server = await serveFiles(await pageFiles(io), HEADERS, ports);
        const url = `http://${HOST}:${server.port}/`;
        io.out(json ? JSON.stringify({ url }) : `playground at ${url}`);
        if (open) openInBrowser(url, io);
        await aborted(io.signal);
        await server.close();
        exit(130);
      });
  },
};

/** The page as it was built, and ONNX Runtime's files where onnxruntime-web is installed. */
async function pageFiles(io: Io): Promise<Files> {
  const page = join(dirname(fileURLToPath(import.meta.url)), "..", "playground");
  const files = new Map<string, string>();
  for (const name of await readdir(page)) files.set(`/${name}`, join(page, name));
  files.set("/", join(page, "index.html"));
  const runtime = installed("onnxruntime-web");
  if (!runtime)
    io.note(
      "the page can build networks but run none, since the package onnxruntime-web is not installed: run `npm install onnxruntime-web`",
    );
  else
    for (const name of await readdir(join(runtime.folder, "dist")))
      if (/^ort[\w.-]*\.(mjs|wasm)$/.test(name)) files.set(`/ort/${name}`, join(runtime.folder, "dist", name));
  return files;
}

/** By the system's own command. */
function openInBrowser(url: string, io: Io): void {
  const commands: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ["open", url],
    win32: ["cmd", "/c", "start", "", url],
  };
  const [program = "", ...args] = commands[process.platform] ?? ["xdg-open", url];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => io.note(`no browser could be started: open ${url} yourself`));
  child.unref();
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
