import { lstat, mkdir, readFile, readlink, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openWeights } from "../../../src/export/node/open-weights.js";
import { UserError } from "../../../src/graph/error.js";
import { type Hub, type Repo, startHub } from "./hub-server.js";
import { noise } from "./noise.js";
import { newSetting, type Setting, strays } from "./setting.js";
import {
  cutAfter,
  instead,
  redirectTo,
  sha256,
  silence,
  slowly,
  stallAfter,
  startServer,
  status,
  wholeAnyway,
} from "./web-server.js";

const COMMIT = "a".repeat(40);
const LATER = "b".repeat(40);
const WEIGHTS = noise(50_000);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const CARD = text("---\nlicense: apache-2.0\ntags:\n- timm\n---\n# A model\n");
const model: Repo = {
  commit: COMMIT,
  revisions: ["main", "refs/pr/1", "a/b"],
  files: { "model.safetensors": WEIGHTS, "config.json": text('{"architecture":"seresnet50"}'), "README.md": CARD },
};

let hub: Hub;
let user: Setting;
beforeEach(async () => {
  hub = await startHub({ "timm/se": model });
  user = await newSetting({ HF_ENDPOINT: `${hub.url}/`, HF_TOKEN: "hf_secret" });
});
afterEach(async () => {
  expect(await strays(user)).toEqual([]);
  await user.close();
  await hub.close();
});

const folder = (): string => join(user.home, ".cache/huggingface/hub/models--timm--se");
const blob = (): string => join(folder(), "blobs", sha256(WEIGHTS));
const partial = (): string => `${blob()}.se-onnx.incomplete`;
const fetched = () => user.fetch("hf:timm/se");
/** Ranges that the host of large files was asked for. */
const ranges = () => hub.cdn.seen.map((s) => s.headers.range ?? null);
const refusal = (source = "hf:timm/se"): Promise<string> =>
  user.fetch(source).then(
    () => "no error",
    (e: unknown) => (e instanceof UserError ? e.message : `${e}`),
  );
const isWhole = async (): Promise<void> => {
  const { path, sha256: hash } = await fetched();
  expect(hash).toBe(sha256(WEIGHTS));
  expect(await holds(path, WEIGHTS)).toBe(true);
};
const holds = async (path: string, bytes: Uint8Array): Promise<boolean> => (await readFile(path)).equals(bytes);

describe("a repository", () => {
  test("is fetched into Python's cache, with its configuration and licence", async () => {
    const got = await fetched();
    expect(got).toEqual({
      path: join(folder(), "snapshots", COMMIT, "model.safetensors"),
      name: "hf:timm/se/model.safetensors",
      url: `${hub.url}/timm/se/resolve/${COMMIT}/model.safetensors`,
      revision: COMMIT,
      sha256: sha256(WEIGHTS),
      licence: "apache-2.0",
      config: { architecture: "seresnet50" },
    });
    expect(await readFile(join(folder(), "refs/main"), "utf8")).toBe(COMMIT);
    expect(await readlink(got.path)).toBe(`../../blobs/${sha256(WEIGHTS)}`);
    expect(await holds(got.path, WEIGHTS)).toBe(true);
    expect(user.notes).toEqual([]);
  });

  test("is asked for once; from then on the hub only tells the commit", async () => {
    await fetched();
    const before = hub.hub.seen.length;
    await isWhole();
    expect(hub.hub.lines().slice(before)).toEqual([expect.stringContaining("GET /api/models/timm/se/revision/main")]);
    expect(hub.cdn.seen).toHaveLength(1);
  });

  test("that has not changed writes nothing into the cache, which others may have made", async () => {
    await fetched();
    const { ino, ctimeMs } = await lstat(join(folder(), "refs/main"));
    await fetched();
    expect(await lstat(join(folder(), "refs/main"))).toMatchObject({ ino, ctimeMs });
  });

  test("needs no request at all at a commit that the cache has", async () => {
    await user.fetch(`hf:timm/se@${COMMIT}/model.safetensors`);
    await hub.close();
    expect((await user.fetch(`hf:timm/se@${COMMIT}/model.safetensors`)).licence).toBe("apache-2.0");
    expect(user.notes).toEqual([]);
  });

  test("remembers that a commit has no configuration", async () => {
    hub.repos = { "timm/se": { ...model, files: { "model.safetensors": WEIGHTS } } };
    const at = `hf:timm/se@${COMMIT}/model.safetensors`;
    expect(await user.fetch(at)).toMatchObject({ config: null, licence: null });
    expect(await user.files()).toContain(`.cache/huggingface/hub/models--timm--se/.no_exist/${COMMIT}/config.json`);
    await hub.close();
    expect(await user.fetch(at)).toMatchObject({ config: null, licence: null });
    expect(user.notes).toEqual([]);
  });

  test("shares a blob between commits, and moves on with its branch", async () => {
    await fetched();
    hub.repos = { "timm/se": { ...model, commit: LATER } };
    expect((await fetched()).path).toBe(join(folder(), "snapshots", LATER, "model.safetensors"));
    expect(hub.cdn.seen).toHaveLength(1);
    expect(await readFile(join(folder(), "refs/main"), "utf8")).toBe(LATER);
  });

  test.each([
    ["hf:timm/se@refs/pr/1", "refs/refs/pr/1"],
    ["hf:timm/se@refs/pr/1/model.safetensors", "refs/refs/pr/1"],
    ["hf:timm/se@a%2Fb/model.safetensors", "refs/a/b"],
    ["hf:timm/se/model.safetensors", "refs/main"],
  ])("%s", async (source, ref) => {
    expect((await user.fetch(source)).sha256).toBe(sha256(WEIGHTS));
    expect(await readFile(join(folder(), ref), "utf8")).toBe(COMMIT);
  });

  test("may have no owner", async () => {
    hub.repos = { gpt2: { ...model, files: { "sub/deep/x.bin": WEIGHTS } } };
    for (const source of ["hf:gpt2", "hf:gpt2@main/sub/deep/x.bin"])
      expect((await user.fetch(source)).path).toContain(`models--gpt2/snapshots/${COMMIT}/sub/deep/x.bin`);
    expect(await readlink((await user.fetch("hf:gpt2")).path)).toMatch(/^\.\.\/\.\.\/\.\.\/\.\.\/blobs\//);
  });

  test("with an index is fetched with its shards", async () => {
    const index = { weight_map: { a: "part-1.safetensors", b: "part-2.safetensors", c: "part-1.safetensors" } };
    const files = {
      "model.safetensors.index.json": text(JSON.stringify(index)),
      "part-1.safetensors": WEIGHTS,
      "part-2.safetensors": noise(2000, 7),
      "unused.safetensors": noise(3000, 9),
    };
    hub.repos = { "timm/se": { ...model, files } };
    const { path } = await fetched();
    expect(path).toMatch(/index\.json$/);
    expect(await holds(join(dirname(path), "part-2.safetensors"), noise(2000, 7))).toBe(true);
    expect(hub.cdn.seen).toHaveLength(2);
  });

  test("with an index can be opened where it is", async () => {
    const shard = (key: string) => {
      const header = JSON.stringify({ [key]: { dtype: "F32", shape: [500], data_offsets: [0, 2000] } }).padEnd(80);
      return new Uint8Array([80, 0, 0, 0, 0, 0, 0, 0, ...text(header), ...noise(2000)]);
    };
    const index = { weight_map: { a: "a.safetensors", b: "b.safetensors" } };
    const files = {
      "model.safetensors.index.json": text(JSON.stringify(index)),
      "a.safetensors": shard("a"),
      "b.safetensors": shard("b"),
    };
    hub.repos = { "timm/se": { ...model, files } };
    const { source, close } = await openWeights((await fetched()).path);
    expect([...source.tensors.keys()].sort()).toEqual(["a", "b"]);
    await close();
  });

  test.each([
    ["../../x.safetensors", "is no name of a file beside it"],
    ["/etc/passwd", "is no name of a file beside it"],
    ["..\\x.safetensors", "is no name of a file beside it"],
    ["C:x.safetensors", "is no name of a file beside it"],
    ["a/b", "is no name of a file beside it"],
    [7, "something other than a text"],
  ])("whose index names %s is refused", async (shard, reason) => {
    const index = text(JSON.stringify({ weight_map: { a: shard } }));
    hub.repos = { "timm/se": { ...model, files: { "model.safetensors.index.json": index } } };
    expect(await refusal()).toContain(reason);
  });

  test.each(["{", "[]", '{"weight_map":[1]}'])("whose index is %s is refused", async (index) => {
    hub.repos = { "timm/se": { ...model, files: { "model.safetensors.index.json": text(index) } } };
    expect(await refusal()).toContain("has no weight_map");
  });

  test.each([
    [["pytorch_model.bin", "model.safetensors.index.json", "x.pth"], "model.safetensors.index.json"],
    [["pytorch_model.bin", "x.pth"], "pytorch_model.bin"],
    [["x.pth", "vocab.txt"], "x.pth"],
  ])("of %j is its %s", async (names, chosen) => {
    const content = text('{"weight_map":{}}');
    hub.repos = { "timm/se": { ...model, files: Object.fromEntries(names.map((name) => [name, content])) } };
    expect((await fetched()).name).toBe(`hf:timm/se/${chosen}`);
  });

  test.each([
    [["a.pth", "b.npz"], "timm/se (main) has several checkpoints: add one of them to the name, of a.pth, b.npz"],
    [["vocab.txt"], "timm/se (main) has no checkpoint: there is vocab.txt"],
    [[], "timm/se (main) has no checkpoint: there is no file"],
  ])("of %j has no file to take", async (names, sentence) => {
    hub.repos = { "timm/se": { ...model, files: Object.fromEntries(names.map((name) => [name, CARD])) } };
    expect(await refusal()).toBe(sentence);
  });

  test("is checked against an expected hash and length", async () => {
    await user.fetch("hf:timm/se", { sha256: sha256(WEIGHTS).slice(0, 8).toUpperCase(), bytes: WEIGHTS.length });
    await expect(user.fetch("hf:timm/se", { sha256: "00000000" })).rejects.toThrow("not the file that was meant");
    await expect(user.fetch("hf:timm/se", { bytes: 3 })).rejects.toThrow("has 50000 bytes, not 3");
    await expect(user.fetch("hf:timm/se", { sha256: "xyz" })).rejects.toThrow("is no SHA-256");
  });

  test("reports its progress", async () => {
    const reports: (number | null | string)[][] = [];
    await user.fetch("hf:timm/se", { onProgress: (...report) => reports.push(report) });
    const weights = reports.filter((r) => r[2] === "timm/se/model.safetensors");
    expect(weights[0]).toEqual([0, 50_000, "timm/se/model.safetensors"]);
    expect(weights.at(-1)).toEqual([50_000, 50_000, "timm/se/model.safetensors"]);
  });
});

describe("a name", () => {
  test.each([
    "hf:",
    "hf:a/b@",
    "hf:../x",
    "hf:a/..",
    "hf:a--b/c",
    "hf:a/b@../../x",
    "hf:a/b@..%2Fx",
    "hf:a/b@x%",
    "hf:a/b/../x",
    "hf:a/b//x",
    "hf:a/b/x\\y",
    "hf:a b/c",
  ])("%s is refused without a request", async (source) => {
    expect(await refusal(source)).toMatch(/is no place on the hub|leads out of|has a %/);
    expect(hub.hub.seen).toEqual([]);
  });
});

describe("a download", () => {
  test("that is cut goes on where it stopped", async () => {
    hub.cdn.failNext(/GET/, cutAfter(10_000), cutAfter(5_000));
    await isWhole();
    expect(ranges()).toEqual([null, "bytes=10000-", "bytes=15000-"]);
    expect(user.pauses).toEqual([1000, 2000]);
    expect(user.notes[0]).toMatch(/^timm\/se\/model\.safetensors lost the connection.*: trying again in 1 s$/);
  });

  test("that is cut again and again is given up, and gone on with the next time", async () => {
    hub.cdn.failNext(/GET/, ...[1, 2, 3, 4].map(() => cutAfter(1000)));
    expect(await refusal()).toMatch(/lost the connection.*, 4 times in a row: try again later$/);
    expect(await user.files()).not.toContain(blob());
    await isWhole();
    expect(ranges().at(-1)).toBe("bytes=4000-");
  });

  test("that makes headway is not given up", async () => {
    hub.cdn.failNext(/GET/, cutAfter(100), cutAfter(100), cutAfter(25_000), cutAfter(100), cutAfter(100));
    await isWhole();
    expect(user.pauses).toEqual([1000, 2000, 1000, 2000, 4000]);
  });

  test("that is short or long is tried again", async () => {
    hub.cdn.failNext(
      /GET/,
      instead((bytes) => bytes.subarray(0, 400)),
      instead((bytes) => new Uint8Array([...bytes, 1])),
    );
    await isWhole();
    expect(user.notes).toEqual([
      expect.stringContaining("was cut off after 400 of 50000 bytes"),
      expect.stringContaining("was sent with more than its 50000 bytes"),
    ]);
  });

  const damage = (bytes: Uint8Array): Uint8Array => bytes.fill(0, 5, 15);
  test("with the wrong bytes is thrown away and tried once more", async () => {
    hub.cdn.failNext(/GET/, instead(damage));
    await isWhole();
    expect(user.notes).toEqual([expect.stringMatching(/has the SHA-256 .*, and was thrown away: trying again/)]);
  });

  test("with the wrong bytes twice is refused, and leaves nothing", async () => {
    hub.cdn.failNext(/GET/, instead(damage), instead(damage));
    expect(await refusal()).toMatch(/has the SHA-256 \w+, not \w+, twice: it is not the file that was meant/);
    expect((await user.files()).filter((name) => name.includes("blobs"))).toEqual([]);
  });

  test("of a small file is checked by Git's hash", async () => {
    hub.hub.failNext(
      /GET .*resolve-cache.*config/,
      instead(damage),
      instead((b) => b.reverse()),
    );
    expect(await refusal()).toMatch(/config\.json from .* has the Git hash \w+, not \w+, twice/);
  });

  test("that stalls is tried again", async () => {
    user.patience = { ...user.patience, stall: 500 };
    hub.cdn.failNext(/GET/, stallAfter(7_000));
    hub.hub.failNext(/HEAD/, silence);
    await isWhole();
    expect(ranges().slice(0, 2)).toEqual([null, "bytes=7000-"]);
    expect(user.notes).toContain("timm/se/model.safetensors sent nothing for 0.5 s: trying again in 1 s");
    expect(user.notes.length).toBeGreaterThanOrEqual(2);
  });

  test("that is slow but steady is not", async () => {
    user.patience = { ...user.patience, stall: 900 };
    hub.cdn.failNext(/GET/, slowly(12, 100));
    await isWhole();
    expect(user.notes).toEqual([]);
  });

  test("from a server that ignores ranges starts anew", async () => {
    hub.cdn.failNext(/GET/, cutAfter(10_000), wholeAnyway);
    await isWhole();
    expect(ranges()).toEqual([null, "bytes=10000-"]);
  });

  test("that is answered with another range starts anew", async () => {
    hub.cdn.failNext(/GET/, cutAfter(10_000), status(206, { "content-range": "bytes 5-49999/50000" }));
    await isWhole();
    expect(ranges()).toEqual([null, "bytes=10000-", null]);
  });

  test("of which the rest is refused starts anew", async () => {
    hub.cdn.failNext(/GET/, cutAfter(10_000), status(416));
    await isWhole();
    expect(ranges()).toEqual([null, "bytes=10000-", null]);
  });

  test("that was kept longer than the file starts anew", async () => {
    await mkdir(dirname(partial()), { recursive: true });
    await writeFile(partial(), noise(60_000));
    await isWhole();
    expect(ranges()).toEqual([null]);
  });

  test("that was kept whole is only checked", async () => {
    await mkdir(dirname(partial()), { recursive: true });
    await writeFile(partial(), WEIGHTS);
    await isWhole();
    expect(ranges()).toEqual([]);
  });

  test("that was kept damaged is found out in the end", async () => {
    await mkdir(dirname(partial()), { recursive: true });
    await writeFile(partial(), noise(20_000, 99));
    await isWhole();
    expect(ranges()).toEqual(["bytes=20000-", null]);
  });

  test("is stopped by its signal at once, and gone on with the next time", async () => {
    const stop = new AbortController();
    hub.cdn.failNext(/GET/, stallAfter(8_000));
    const onProgress = (received: number) => {
      if (received === 8_000) stop.abort(new Error("enough"));
    };
    await expect(user.fetch("hf:timm/se", { signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect((await lstat(partial())).size).toBe(8_000);
    await isWhole();
    expect(ranges()).toEqual([null, "bytes=8000-"]);
    await expect(user.fetch("hf:timm/se", { signal: stop.signal })).rejects.toThrow("enough");
  });

  test("of one file by several at once is made once", async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => fetched()));
    expect(new Set(all.map((f) => f.path)).size).toBe(1);
    expect(hub.cdn.seen).toHaveLength(1);
    await isWhole();
  });

  test("is not held up by the lock of a process that is gone", async () => {
    await mkdir(dirname(blob()), { recursive: true });
    await writeFile(`${blob()}.se-onnx.lock`, `${hostname()} 999999999 x`);
    await writeFile(partial(), WEIGHTS.subarray(0, 6_000));
    await isWhole();
    expect(user.notes).toEqual([]);
    expect(ranges()).toEqual(["bytes=6000-"]);
  });

  test("is not held up by a lock that nobody has touched for long", async () => {
    await mkdir(dirname(blob()), { recursive: true });
    await writeFile(`${blob()}.se-onnx.lock`, "another-machine 1 x");
    await utimes(`${blob()}.se-onnx.lock`, new Date(), new Date(Date.now() - 70_000));
    await writeFile(partial(), WEIGHTS.subarray(0, 6_000)); // which its owner may go on with, should it only be stopped
    await isWhole();
    expect(ranges()).toEqual([null]);
  });

  test("that lost its lock meanwhile puts nothing in place", async () => {
    const lock = `${blob()}.se-onnx.lock`;
    hub.cdn.failNext(/GET/, (_request, _response, _served, good) => {
      writeFile(lock, "another-machine 1 x").then(good);
    });
    expect(await refusal()).toContain("was taken over by another process while this one was stopped");
    expect((await user.files()).filter((name) => name.includes(sha256(WEIGHTS)))).toHaveLength(2);
    await rm(lock);
    await isWhole();
    expect(ranges()).toEqual([null]);
  });

  test("waits for the process that holds the lock, as long as it is not stopped", async () => {
    const lock = `${blob()}.se-onnx.lock`;
    await mkdir(dirname(blob()), { recursive: true });
    await writeFile(lock, `${hostname()} ${process.pid} x`);
    const stopped = user.fetch("hf:timm/se", { signal: AbortSignal.timeout(100) });
    await expect(stopped).rejects.toThrow(/timeout/);
    expect(hub.cdn.seen).toEqual([]);
    setTimeout(() => rm(lock), 100);
    await isWhole();
    expect(user.notes[0]).toBe("timm/se/model.safetensors is being fetched by another process, which is waited for");
  });

  test("says nothing on its own", async () => {
    const spies = (["debug", "log", "info", "warn", "error"] as const).map((name) => vi.spyOn(console, name));
    await isWhole();
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test("that the disk has no room for is a sentence", async () => {
    await mkdir(dirname(partial()), { recursive: true });
    await symlink("/dev/full", partial());
    expect(await refusal()).toMatch(/cannot be kept in '.*incomplete': the disk is full/);
    await rm(partial());
  });

  test("into a folder that is a file is a sentence", async () => {
    await writeFile(join(user.home, "file"), "");
    user.env.HF_HOME = "$HOME/file/x";
    expect(await refusal()).toMatch(/cannot be kept in '.*': a part of that path is a file: keep it elsewhere/);
  });
});

describe("a server", () => {
  test("that is busy is asked again when it says", async () => {
    hub.cdn.failNext(/GET/, status(429, { "retry-after": "7" }), status(429));
    await isWhole();
    expect(user.pauses).toEqual([7000, 2000]);
  });

  test("that is busy until a date is asked again then", async () => {
    hub.hub.failNext(/HEAD/, status(503, { "retry-after": new Date(Date.now() + 20_000).toUTCString() }));
    await isWhole();
    expect(user.pauses[0]).toBeGreaterThan(15_000);
    expect(user.pauses[0]).toBeLessThanOrEqual(20_000);
  });

  test("that is busy for too long is not waited for", async () => {
    hub.cdn.failNext(/GET/, status(429, { "retry-after": "3600" }));
    expect(await refusal()).toContain("asks for a wait of 3600 s: try again after that");
  });

  test("that fails now and then is asked again", async () => {
    hub.hub.failNext(/GET .api/, status(500), status(503));
    hub.hub.failNext(/HEAD/, status(502));
    hub.cdn.failNext(/GET/, status(504));
    await isWhole();
    expect(user.notes).toHaveLength(4);
  });

  test("that fails always is a sentence", async () => {
    hub.hub.failNext(/GET .api/, status(500), status(500), status(500), status(500));
    expect(await refusal()).toBe("hf:timm/se met a fault of the server (500), 4 times in a row: try again later");
  });

  test.each([
    ["hf:timm/other", "there is no 'timm/other' on", "the token that is set may not see it"],
    ["hf:timm/se@v9", "timm/se has no revision 'v9'", "tree/main"],
    [
      "hf:timm/se/x.pth",
      "timm/se has no file 'x.pth' at revision 'main'",
      "it has model.safetensors, config.json, README.md",
    ],
  ])("that has no %s says which part is missing", async (source, ...parts) => {
    for (const part of parts) expect(await refusal(source)).toContain(part);
  });

  test("that wants a token is told one, or the sentence says so", async () => {
    hub.repos = { "timm/se": { ...model, secret: "hf_secret" } };
    await isWhole();
    delete user.env.HF_TOKEN;
    hub.repos = { "timm/new": { ...model, secret: "hf_secret" } };
    expect(await refusal("hf:timm/new")).toMatch(/there is no 'timm\/new' on .*, or it is private: .*set HF_TOKEN/);
  });

  test("that wants its terms accepted is a sentence", async () => {
    hub.repos = { "timm/se": { ...model, gated: true } };
    expect(await refusal()).toContain(`accepts its terms: do so at ${hub.url}/timm/se`);
  });

  test("that knows no such token is a sentence", async () => {
    hub.hub.failNext(/api/, status(401, { "x-error-message": "Invalid credentials in Authorization header" }));
    expect(await refusal()).toContain("does not know the token in HF_TOKEN");
  });

  test.each(["no JSON", '{"sha":"../../x","siblings":[]}', "{}"])("that answers %s is no hub", async (answer) => {
    hub.hub.failNext(
      /api/,
      instead(() => text(answer)),
    );
    expect(await refusal()).toContain("something other than a model's description");
  });

  test.each(["", '"../../x"', '".."', '"a/b"'])("whose ETag is %s is no hub", async (etag) => {
    hub.hub.failNext(/HEAD/, status(200, { etag }));
    expect(await refusal()).toContain("has no ETag that could name it");
  });

  test("that lists names which lead out is not followed there", async () => {
    const siblings = [{ rfilename: "../x.safetensors" }, { rfilename: "ok.safetensors" }, {}];
    hub.repos = { "timm/se": { ...model, files: { "ok.safetensors": WEIGHTS } } };
    hub.hub.failNext(
      /api/,
      instead(() => text(JSON.stringify({ sha: COMMIT, siblings }))),
    );
    expect((await fetched()).path).toContain("ok.safetensors");
  });
});

describe("the token", () => {
  const tokens = (server: { seen: readonly { headers: { authorization?: string | undefined } }[] }) =>
    new Set(server.seen.map((s) => s.headers.authorization));

  test("goes to the hub, and to no host that it leads to", async () => {
    await fetched();
    expect(tokens(hub.hub)).toEqual(new Set(["Bearer hf_secret"]));
    expect(tokens(hub.cdn)).toEqual(new Set([undefined]));
    expect(hub.cdn.seen.length).toBeGreaterThan(0);
  });

  test("goes to no other host by any redirect", async () => {
    const other = await startServer(() => null);
    for (const line of [/GET .api.models/, /HEAD/, /GET .*resolve\//, /GET .api.resolve-cache/]) {
      hub.hub.failNext(line, redirectTo(`${other.url}/elsewhere`, 307));
      expect(await refusal()).not.toBe("no error");
    }
    expect(other.seen.length).toBeGreaterThan(2);
    expect(tokens(other)).toEqual(new Set([undefined]));
    await other.close();
  });

  test.each([
    [{ HF_TOKEN: "", HUGGING_FACE_HUB_TOKEN: "hf_old" }, "Bearer hf_old"],
    [{ HF_TOKEN: " hf_spaces\n" }, "Bearer hf_spaces"],
    [{ HF_TOKEN: "any other" }, null],
    [{ HF_TOKEN: "hf_x", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }, undefined],
    [{ HF_TOKEN: "", HF_TOKEN_PATH: "~/secret" }, "Bearer hf_file"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a shell writes it
    [{ HF_TOKEN: "", HF_HOME: "${HOME}/hf" }, "Bearer hf_home"],
    [{ HF_TOKEN: "" }, undefined],
  ])("by %j is %s", async (env, expected) => {
    await writeFile(join(user.home, "secret"), "hf_file\n");
    await mkdir(join(user.home, "hf"));
    await writeFile(join(user.home, "hf/token"), "hf_home");
    Object.assign(user.env, env);
    if (expected === null) expect(await refusal()).toMatch(/^the token in HF_TOKEN has a character/);
    else {
      await fetched();
      expect(tokens(hub.hub)).toEqual(new Set([expected]));
    }
  });
});

describe("redirects", () => {
  test("in a circle are noticed", async () => {
    hub.hub.failNext(/GET .api.models/, redirectTo("/a"));
    hub.hub.failNext(/GET .a$/, redirectTo("/b"));
    hub.hub.failNext(/GET .b$/, redirectTo("/a"));
    expect(await refusal()).toContain("leads in a circle of redirects");
  });

  test("without end are given up", async () => {
    hub.hub.failNext(/GET .*/, ...Array.from({ length: 12 }, (_, i) => redirectTo(`/step/${i}`)));
    expect(await refusal()).toContain("leads on over 10 times");
    expect(hub.hub.seen).toHaveLength(11);
  });

  test.each(["ftp://host/x", "file:///etc/passwd", "http://[", "data:,x"])("to %s are refused", async (location) => {
    hub.hub.failNext(/GET .api/, redirectTo(location));
    expect(await refusal()).toContain("no address to download from");
  });

  test("to a renamed repository are followed", async () => {
    hub.hub.failNext(/HEAD/, redirectTo(`/timm/se/resolve/${COMMIT}/model.safetensors`, 307));
    hub.repos = { ...hub.repos, "old/se": model };
    expect((await user.fetch("hf:old/se")).sha256).toBe(sha256(WEIGHTS));
    expect(hub.hub.seen[2]?.headers.authorization).toBe("Bearer hf_secret");
  });
});

describe("out of reach", () => {
  const offline: [string, () => Promise<void>][] = [
    ["HF_HUB_OFFLINE", async () => void Object.assign(user.env, { HF_HUB_OFFLINE: "yes" })],
    ["TRANSFORMERS_OFFLINE", async () => void Object.assign(user.env, { TRANSFORMERS_OFFLINE: "1" })],
    ["a hub that is down", async () => hub.hub.failNext(/./, status(503))],
    ["a hub that cannot be reached", () => hub.close()],
    ["a hub that lets nobody see it", async () => void Object.assign(hub, { repos: {} })],
  ];
  test.each(offline)("(%s), the cache is used", async (_, leave) => {
    const before = await fetched();
    const asked = hub.hub.seen.length;
    await leave();
    expect(await fetched()).toEqual(before);
    expect(hub.hub.seen.length - asked).toBeLessThanOrEqual(1);
    expect(user.pauses).toEqual([]);
    expect(user.notes).toHaveLength(user.env.HF_HUB_OFFLINE || user.env.TRANSFORMERS_OFFLINE ? 0 : 1);
  });

  test("and without a cache, a sentence says so", async () => {
    await hub.close();
    expect(await refusal()).toMatch(
      /^http:\/\/127.* cannot be reached: nothing listens there \(ECONNREFUSED\): check the address/,
    );
    Object.assign(user.env, { HF_HUB_OFFLINE: "1" });
    expect(await refusal()).toMatch(
      /^HF_HUB_OFFLINE is set, and the cache '.*models--timm--se' has no timm\/se at revision 'main'$/,
    );
    expect(await refusal(`hf:timm/se@${COMMIT}/x.bin`)).toMatch(/and the cache '.*' has no 'x.bin' at commit a+$/);
  });

  test("a file that the cache has not is a sentence", async () => {
    await fetched();
    await hub.close();
    expect(await refusal("hf:timm/se/x.pth")).toMatch(
      /cannot be reached.*, and the cache '.*' has no 'x.pth' at commit a+$/,
    );
  });

  test("a damaged file is refused, and mended when the hub is back", async () => {
    await fetched();
    await writeFile(blob(), noise(50_000, 5));
    user.env.HF_HUB_OFFLINE = "1";
    expect(await refusal()).toMatch(
      /^HF_HUB_OFFLINE is set, and '.*' is damaged, since it has the SHA-256 .*: go online to have it mended$/,
    );
    delete user.env.HF_HUB_OFFLINE;
    await isWhole();
    expect(user.notes).toEqual([expect.stringContaining("is damaged, and fetched anew")]);
  });
});
