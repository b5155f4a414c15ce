// npm run parity:hub: caches that Python's huggingface_hub and torch.hub have written are read by se-onnx without a request, and the other way
// round, byte for byte. With --golden it writes test/export/fetch/goldens/hub instead, caches of Python's that npm test reads.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { build } from "esbuild";
import { fetchWeights } from "../dist/src/export/node/fetch/fetch-weights.js";
import { missing, pythonPath } from "./python.mjs";

/** @typedef {Record<string, string>} Env */

const root = fileURLToPath(new URL("..", import.meta.url));
const golden = join(root, "test/export/fetch/goldens/hub");
/** What se-onnx looks for, there or not. */
const EXTRAS = ["config.json", "README.md"];

const absent = await missing(["huggingface_hub", "torch"]);
if (absent) {
  console.error(absent);
  process.exit(1);
}
const { startHub, startServer, repos } = await testServers();
const home = await mkdtemp(join(tmpdir(), "se-onnx-parity-hub-"));
const hub = await startHub(repos);
try {
  if (process.argv.includes("--golden")) await writeGolden();
  else {
    for (const repo of Object.keys(repos)) await hubBothWays(repo);
    await torchBothWays();
  }
} finally {
  await hub.close();
  await rm(home, { recursive: true, force: true });
}

/** @param {string} repo */
async function hubBothWays(repo) {
  const files = Object.fromEntries(Object.entries(repos[repo].files).map(([name, bytes]) => [name, sha256(bytes)]));
  const lacks = EXTRAS.filter((name) => !(name in files)).sort();
  const asked = [...Object.keys(files), ...lacks];
  const theirs = { HF_HOME: join(home, "theirs"), HF_ENDPOINT: hub.url };
  const ours = { HF_HOME: join(home, "ours"), HF_ENDPOINT: hub.url };

  await python(theirs, "hub", repo, ...asked);
  const written = await fetchWeights(`hf:${repo}`, { env: ours });
  const requests = countRequests();
  const read = await fetchWeights(`hf:${repo}`, { env: { ...theirs, HF_HUB_OFFLINE: "1" } });
  const offline = await python({ ...ours, HF_HUB_OFFLINE: "1" }, "hub", repo, ...asked);

  const { path: _written, ...aboutWritten } = written;
  const { path, ...aboutRead } = read;
  check(
    `${repo}: se-onnx reads Python's cache`,
    await hashesIn(path.slice(0, path.indexOf(read.revision) + 40)),
    files,
  );
  check(`${repo}: and tells of it what it tells of a download`, aboutRead, aboutWritten);
  check(`${repo}: Python reads the cache of se-onnx`, offline, {
    files,
    lacks,
    warnings: [],
    commit: repos[repo].commit,
  });
  check(`${repo}: neither asks the hub`, countRequests(), requests);
  check(`${repo}: both caches are the same`, await layout(ours.HF_HOME), await layout(theirs.HF_HOME));
}

async function torchBothWays() {
  const file = join(home, "state.pth");
  await python({}, "state-dict", file);
  const bytes = await readFile(file);
  const name = `state-${sha256(bytes).slice(0, 8)}.pth`;
  const server = await startServer((/** @type {string} */ path) => (path === `/${name}` ? { bytes } : null));
  const url = `${server.url}/${name}`;
  const theirs = { TORCH_HOME: join(home, "torch-theirs") };
  const ours = { TORCH_HOME: join(home, "torch-ours") };
  await python(theirs, "torch", url);
  await fetchWeights(url, { env: ours });
  check("torch.hub: each downloads once", server.seen.length, 2);
  const read = await fetchWeights(url, { env: theirs });
  check("torch.hub: se-onnx reads Python's cache", sha256(await readFile(read.path)), sha256(bytes));
  check("torch.hub: Python reads the cache of se-onnx", await python(ours, "torch", url), (3000 * 2999) / 2);
  check("torch.hub: neither downloads again", server.seen.length, 2);
  check("torch.hub: both caches are the same", await layout(ours.TORCH_HOME), await layout(theirs.TORCH_HOME));
  await server.close();
}

async function writeGolden() {
  const cache = join(home, "golden");
  for (const repo of Object.keys(repos))
    await python(
      { HF_HUB_CACHE: cache, HF_ENDPOINT: hub.url },
      "hub",
      repo,
      ...Object.keys(repos[repo].files),
      ...EXTRAS,
    );
  await rm(golden, { recursive: true, force: true });
  await rm(join(cache, ".locks"), { recursive: true, force: true });
  await cp(cache, golden, { recursive: true, verbatimSymlinks: true });
}

/** The servers and the repositories of npm test. */
async function testServers() {
  const contents = ["hub-server", "web-server", "repos"].map((name) => `export * from "./${name}.js";`).join("\n");
  const stdin = { contents, resolveDir: join(root, "test/export/fetch") };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, platform: "node", format: "esm" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/**
 * Runs hub.py as somebody with this environment alone, and gives what it printed.
 * @param {Env} env
 * @param {string[]} args
 */
async function python(env, ...args) {
  const basic = { PATH: process.env.PATH ?? "", HOME: home, PYTHONDONTWRITEBYTECODE: "1" };
  const script = join(root, "parity/hub.py");
  const { stdout } = await promisify(execFile)(pythonPath(), [script, ...args], { env: { ...basic, ...env } });
  return JSON.parse(stdout);
}

function countRequests() {
  return hub.hub.seen.length + hub.cdn.seen.length;
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** @param {string} folder */
async function namesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && !entry.parentPath.includes(".locks"));
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}
/** @param {string} folder */
async function hashesIn(folder) {
  const names = await namesIn(folder);
  return Object.fromEntries(await Promise.all(names.map(async (n) => [n, sha256(await readFile(join(folder, n)))])));
}
/** Of each file its hash, and of each link where it leads. @param {string} folder */
async function layout(folder) {
  const links = await Promise.all(
    (await namesIn(folder)).map(async (name) => [name, await readlink(join(folder, name)).catch(() => null)]),
  );
  return { files: await hashesIn(folder), links: Object.fromEntries(links) };
}

/** @param {string} what @param {unknown} found @param {unknown} expected */
function check(what, found, expected) {
  const same = isDeepStrictEqual(found, expected);
  console.log(`${same ? "ok  " : "FAIL"} ${what}`);
  if (same) return;
  console.log({ found, expected });
  process.exitCode = 1;
}
