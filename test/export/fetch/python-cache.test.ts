import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fetchWeights } from "../../../src/export/node/fetch/fetch-weights.js";
import { repos } from "./repos.js";
import { sha256 } from "./web-server.js";

/** Written by huggingface_hub itself: node parity/hub.mjs --golden. */
const CACHE = fileURLToPath(new URL("goldens/hub", import.meta.url));

test.each([
  ["timm/se", "model.safetensors", "apache-2.0", { architecture: "seresnet50" }],
  ["timm/sharded", "model.safetensors.index.json", null, null],
])("%s is read from the cache that Python has written", async (repo, file, licence, config) => {
  const { commit = "", files = {} } = repos[repo] ?? {};
  const notes: string[] = [];
  const env = { HF_HUB_CACHE: CACHE, HF_HUB_OFFLINE: "1" };
  for (const source of [`hf:${repo}`, `hf:${repo}@${commit}`, `hf:${repo}/${file}`]) {
    const got = await fetchWeights(source, { env, onNote: (note) => notes.push(note) });
    expect(got).toEqual({
      path: join(CACHE, `models--${repo.replace("/", "--")}/snapshots`, commit, file),
      name: `hf:${repo}/${file}`,
      url: `https://huggingface.co/${repo}/resolve/${commit}/${file}`,
      revision: commit,
      sha256: sha256(files[file] ?? new Uint8Array()),
      licence,
      config,
    });
    for (const [name, bytes] of Object.entries(files))
      expect((await readFile(join(dirname(got.path), name))).equals(bytes), name).toBe(true);
  }
  expect(notes).toEqual([]);
});
