import { lstat, readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { startHub } from "./hub-server.js";
import { noise } from "./noise.js";
import { newSetting } from "./setting.js";
import { sha256 } from "./web-server.js";

vi.mock(import("node:fs/promises"), async (original) => ({
  ...(await original()),
  symlink: () => Promise.reject(Object.assign(new Error("operation not permitted"), { code: "EPERM" })),
}));

test("where links are not permitted, a snapshot holds copies", async () => {
  const commit = "c".repeat(40);
  const hub = await startHub({ "a/b": { commit, revisions: ["main"], files: { "x.pth": noise(5000) } } });
  const user = await newSetting({ HF_ENDPOINT: hub.url });
  const { path } = await user.fetch("hf:a/b");
  expect((await lstat(path)).isFile()).toBe(true);
  expect((await readFile(path)).equals(noise(5000))).toBe(true);
  await hub.close();
  expect((await user.fetch("hf:a/b")).sha256).toBe(sha256(noise(5000)));
  await user.close();
});
