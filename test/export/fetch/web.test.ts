import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isRemote } from "../../../src/export/node/fetch/fetch-weights.js";
import { UserError } from "../../../src/graph/error.js";
import { noise } from "./noise.js";
import { newSetting, type Setting } from "./setting.js";
import {
  cutAfter,
  instead,
  redirectTo,
  type Served,
  sha256,
  startServer,
  status,
  type WebServer,
  wholeAnyway,
} from "./web-server.js";

const WEIGHTS = noise(30_000);
const NEWER = noise(31_000, 2);
const HASHED = `/v0.1/se_resnet50-${sha256(WEIGHTS).slice(0, 8)}.pth`;

let files: Record<string, Served>;
let server: WebServer;
let user: Setting;
beforeEach(async () => {
  files = {
    [HASHED]: { bytes: WEIGHTS, etag: '"one"' },
    "/plain.pth": { bytes: WEIGHTS, etag: '"one"' },
    "/no-etag.pth": { bytes: WEIGHTS },
    "/weak.pth": { bytes: WEIGHTS, etag: 'W/"one"' },
    "/page": { bytes: WEIGHTS, type: "text/html; charset=utf-8" },
  };
  server = await startServer((path) => files[path] ?? null);
  user = await newSetting({ HF_TOKEN: "hf_secret" });
});
afterEach(async () => {
  expect((await user.files()).filter((name) => /\.(lock|tmp)$/.test(name))).toEqual([]);
  expect(server.seen.filter((s) => s.headers.authorization !== undefined)).toEqual([]);
  await user.close();
  await server.close();
});

const at = (path: string): string => `${server.url}${path}`;
const ranges = () => server.seen.map(({ headers }) => [headers.range ?? null, headers["if-range"] ?? null]);
const refusal = (path: string): Promise<string> =>
  user.fetch(path.startsWith("/") ? at(path) : path).then(
    () => "no error",
    (e: unknown) => (e instanceof UserError ? e.message : `${e}`),
  );
async function isWhole(path: string, bytes = WEIGHTS): Promise<string> {
  const got = await user.fetch(at(path));
  expect(got.sha256).toBe(sha256(bytes));
  expect((await readFile(got.path)).equals(bytes)).toBe(true);
  return got.path;
}

test.each([
  ["hf:a/b", true],
  ["https://host/x.pth", true],
  ["http://host/x.pth", true],
  ["C:/x.pth", false],
  ["hf/x.pth", false],
  ["./https:/x", false],
])("%s is remote: %s", (source, expected) => {
  expect(isRemote(source)).toBe(expected);
});

describe("a name with its hash", () => {
  test("is kept where torch.hub keeps it, and is not asked for again", async () => {
    const path = await isWhole(HASHED);
    expect(path).toBe(join(user.home, ".cache/torch/hub/checkpoints", HASHED.slice(6)));
    await server.close();
    expect(await user.fetch(at(HASHED))).toEqual({
      path,
      name: HASHED.slice(6),
      url: at(HASHED),
      revision: null,
      sha256: sha256(WEIGHTS),
      licence: null,
      config: null,
    });
    expect(user.notes).toEqual([]);
    expect(await user.files()).toEqual([`.cache/torch/hub/checkpoints${HASHED.slice(5)}`]);
  });

  test.each([
    [{ TORCH_HOME: "~/torch" }, "torch/hub/checkpoints"],
    [{ XDG_CACHE_HOME: "$HOME/xdg" }, "xdg/torch/hub/checkpoints"],
  ])("is found by %j where Python left it", async (env, folder) => {
    Object.assign(user.env, env);
    const path = join(user.home, folder, HASHED.slice(6));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, WEIGHTS);
    expect(await isWhole(HASHED)).toBe(path);
    expect(server.seen).toEqual([]);
  });

  test("that the bytes have not is refused", async () => {
    files["/x-0123456789.pth"] = { bytes: WEIGHTS };
    expect(await refusal("/x-0123456789.pth")).toMatch(/has the SHA-256 \w{10}, not 0123456789, twice/);
    expect(await user.files()).toEqual([]);
  });

  test("that what is cached has not is fetched anew", async () => {
    const path = await isWhole(HASHED);
    await writeFile(path, NEWER);
    await isWhole(HASHED);
    expect(user.notes).toEqual([]);
    expect(server.seen).toHaveLength(2);
  });

  test("that is a date is none", async () => {
    files["/resnet-20240131.pth"] = { bytes: WEIGHTS };
    expect(await isWhole("/resnet-20240131.pth")).toContain("/se-onnx/");
  });
});

describe("a name without one", () => {
  test("is kept in a folder of the address, and asked for again", async () => {
    const path = await isWhole("/plain.pth");
    expect(path).toMatch(/\.cache\/se-onnx\/[0-9a-f]{16}\/plain\.pth$/);
    expect(await isWhole("/plain.pth")).toBe(path);
    expect(server.seen[1]?.headers["if-none-match"]).toBe('"one"');
    files["/plain.pth"] = { bytes: NEWER, etag: '"two"' };
    await isWhole("/plain.pth", NEWER);
    await isWhole("/plain.pth", NEWER);
    expect(server.seen[3]?.headers["if-none-match"]).toBe('"two"');
    expect(user.notes).toEqual([]);
  });

  test("is used as it is when the server is gone or down", async () => {
    await isWhole("/plain.pth");
    server.failNext(/GET/, status(503));
    await isWhole("/plain.pth");
    await server.close();
    await isWhole("/plain.pth");
    expect(user.notes).toEqual([
      expect.stringContaining("(503): try again later; plain.pth as it was fetched earlier is used"),
      expect.stringContaining("nothing listens there"),
    ]);
    expect(user.pauses).toEqual([]);
  });

  test("with a hash that is expected is not asked for again", async () => {
    const expected = { sha256: sha256(WEIGHTS), bytes: WEIGHTS.length };
    await user.fetch(at("/plain.pth"), expected);
    await user.fetch(at("/plain.pth"), expected);
    expect(server.seen).toHaveLength(1);
    await expect(user.fetch(at("/plain.pth"), { sha256: "00000000" })).rejects.toThrow("not 00000000, twice");
    await isWhole("/plain.pth");
  });

  test("of another length than expected is refused", async () => {
    await expect(user.fetch(at("/no-etag.pth"), { bytes: 20_000 })).rejects.toThrow("more than its 20000 bytes");
    await expect(user.fetch(at("/no-etag.pth"), { bytes: 40_000 })).rejects.toThrow("cut off after 30000 of 40000");
  });
});

describe("a download", () => {
  test("that is cut goes on where it stopped, if it is still the same", async () => {
    server.failNext(/GET/, cutAfter(9_000));
    await isWhole("/plain.pth");
    expect(ranges()).toEqual([
      [null, null],
      ["bytes=9000-", '"one"'],
    ]);
  });

  test("that has changed in between starts anew", async () => {
    server.failNext(/GET/, cutAfter(9_000), (request, response, _, good) => {
      files["/plain.pth"] = { bytes: NEWER, etag: '"two"' };
      expect(request.headers["if-range"]).toBe('"one"');
      wholeAnyway(request, response, files["/plain.pth"], good);
    });
    await isWhole("/plain.pth", NEWER);
  });

  test("that has changed until the next time starts anew", async () => {
    server.failNext(/GET/, ...[1, 1, 1, 1].map(() => cutAfter(4_000)));
    expect(await refusal("/plain.pth")).toContain("4 times in a row");
    files["/plain.pth"] = { bytes: NEWER, etag: '"two"' };
    await isWhole("/plain.pth", NEWER);
    expect(ranges().at(-1)).toEqual(["bytes=16000-", '"one"']);
  });

  test.each(["/no-etag.pth", "/weak.pth"])("of %s, that nothing proves to be the same, starts anew", async (path) => {
    server.failNext(/GET/, cutAfter(9_000));
    await isWhole(path);
    expect(ranges()).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  test("by Last-Modified alone goes on and is asked for again by it", async () => {
    const date = "Mon, 01 Jan 2024 00:00:00 GMT";
    server.failNext(/GET/, (_, response) => response.writeHead(200, { "last-modified": date }).end(WEIGHTS));
    await isWhole("/no-etag.pth");
    server.failNext(/GET/, status(304));
    await isWhole("/no-etag.pth");
    expect(server.seen[1]?.headers["if-modified-since"]).toBe(date);
  });

  test("without a length is taken as it ends", async () => {
    server.failNext(/GET/, (_, response) => {
      response.write(WEIGHTS.subarray(0, 100));
      setTimeout(() => response.end(WEIGHTS.subarray(100)), 5);
    });
    const totals = new Set<number | null>();
    await user.fetch(at("/no-etag.pth"), { onProgress: (_, total) => totals.add(total) });
    expect(totals).toEqual(new Set([null]));
  });

  test("without a length that is cut is noticed", async () => {
    server.failNext(/GET/, (_, response) => {
      response.write(WEIGHTS.subarray(0, 100), () => setTimeout(() => response.destroy(), 10));
    });
    await isWhole("/no-etag.pth");
    expect(user.notes).toHaveLength(1);
  });

  test("by redirect from another host", async () => {
    const gone = await startServer(() => null);
    await gone.close();
    const other = await startServer(() => null);
    other.failNext(/GET/, redirectTo(at(HASHED)), redirectTo(`${gone.url}/x`));
    expect((await user.fetch(`${other.url}/x.pth`)).sha256).toBe(sha256(WEIGHTS));
    expect(await refusal(`${other.url}/y.pth`)).toContain(`${gone.url} cannot be reached: nothing listens`);
    await other.close();
  });

  test("of several at once is made once", async () => {
    await Promise.all([1, 2, 3].map(() => isWhole(HASHED)));
    expect(server.seen).toHaveLength(1);
  });
});

describe("an address", () => {
  test.each([
    ["/nothing.pth", /^there is nothing at .*\/nothing\.pth \(404\): check the address$/],
    ["/page", /is a web page: give the address that its button/],
    ["http://user:password@host/x", /^the address at host holds a user's name or password/],
    ["https://", /^'https:\/\/' is no address/],
    ["ftp://host/x", /is no address/],
  ])("%s is refused", async (path, sentence) => {
    expect(await refusal(path)).toMatch(sentence);
    expect(await user.files()).toEqual([]);
  });

  test.each([401, 403])("that wants a login (%i) is refused", async (code) => {
    server.failNext(/GET/, status(code));
    expect(await refusal("/plain.pth")).toContain("download it by hand");
  });

  test.each([
    ["/a/..%2F..%2Fevil.pth", ".._evil.pth"],
    ["/.hidden.pth", "hidden.pth"],
    ["/a%5Cb%00%0A.pth", "a_b__.pth"],
    [`/${"x".repeat(300)}.pth`, `${"x".repeat(116)}.pth`],
    ["/", "weights"],
  ])("%s gives a name that stays in its folder", async (path, name) => {
    server.failNext(
      /GET/,
      instead(() => WEIGHTS),
    );
    const got = await user.fetch(at(path));
    expect(got.path.startsWith(join(user.home, ".cache/se-onnx/"))).toBe(true);
    expect(got.name.endsWith(name)).toBe(true);
    expect((await stat(got.path)).size).toBe(30_000);
  });

  test("is told without a query that may be a secret", async () => {
    for (const query of ["?X-Amz-Signature=1", "?a=1&access_token=2", "?sig=3"])
      expect((await user.fetch(at(`/plain.pth${query}`))).url).toBe(at("/plain.pth"));
    expect((await user.fetch(at("/plain.pth?download=1#top"))).url).toBe(at("/plain.pth?download=1"));
  });
});
