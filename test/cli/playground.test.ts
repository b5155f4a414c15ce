import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../package/bundle.js";
import { MAIN, seOnnx } from "./se-onnx.js";

let child: ChildProcess;
let url: string;

beforeAll(async () => {
  child = spawn(process.execPath, [MAIN, "playground", "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout ?? child, "data");
  ({ url } = JSON.parse(String(line)));
});
afterAll(() => child.kill());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
/** The path goes out as it stands here, which no browser and no `fetch` would do. */
function ask(path: string, method = "GET"): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject).end();
  });
}

describe("the playground's server", () => {
  test("listens on this machine alone and gives the page with its policy", async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const { status, headers, body } = await ask("/");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-length": `${body.length}`,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "x-content-type-options": "nosniff",
    });
    const html = body.toString();
    expect(html).toBe(await readFile(join(root, "playground/index.html"), "utf8"));
    const policy = `${headers["content-security-policy"]}`;
    const [, stated] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html.replace(/\s+/g, " ")) ?? [];
    expect(policy).toBe(`${stated}; frame-ancestors 'none'`);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    expect(policy).not.toMatch(/'unsafe-eval'|unsafe-inline|https?:|\*/);
    expect(html).not.toMatch(/ on\w+="| style="|<style|<script(?![^>]* src=)|(src|href)="(\/|https?:(?!\/\/arxiv))/);
  });

  test("gives ONNX Runtime's files, and the same policy with every script", async () => {
    for (const path of ["/worker.js", "/ort/ort.wasm.bundle.min.mjs"]) {
      const { status, headers } = await ask(path, "HEAD");
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
      expect(headers["content-security-policy"]).toMatch(/script-src 'self' 'wasm-unsafe-eval'/);
    }
    const { headers, body } = await ask("/ort/ort-wasm-simd-threaded.wasm", "HEAD");
    expect(headers["content-type"]).toBe("application/wasm");
    expect(Number(headers["content-length"])).toBeGreaterThan(1_000_000);
    expect(body.length).toBe(0);
  });

  test.each([
    "/../package.json",
    "/..%2fpackage.json",
    "/%2e%2e/cli/main.js",
    "/ort/../../package.json",
    "//etc/passwd",
    "/ort/package.json",
    "/nowhere.js",
    "http://example.com/",
  ])("gives nothing else: %s", async (path) => {
    const { status, body } = await ask(path);
    expect({ status, body: body.toString() }).toEqual({ status: 404, body: "" });
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("refuses %s", async (method) => {
    const { status, headers } = await ask("/", method);
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: "GET, HEAD" });
  });

  test("names a port that is taken or none", async () => {
    const { port } = new URL(url);
    const taken = await seOnnx(["playground", "--port", port], { cwd: root });
    expect(taken).toMatchObject({ code: 2, stdout: "" });
    expect(taken.stderr).toBe(
      `error: port ${port} is taken: give another with --port, or --port 0 for any that is free\n`,
    );
    const none = await seOnnx(["playground", "--port", "70000"], { cwd: root });
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/ It must be a whole number from 0 to 65535\.\n/),
    });
  });

  test("ends with Ctrl-C, though a browser holds a connection", async () => {
    const other = spawn(process.execPath, [MAIN, "playground", "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(other.stdout, "data");
    expect(String(line)).toMatch(/^playground at http:\/\/127\.0\.0\.1:\d+\/\n$/);
    await (await fetch(String(line).trim().split(" ").at(-1) ?? "")).text(); // which keeps its connection
    const ended = once(other, "exit");
    other.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
  });
});
