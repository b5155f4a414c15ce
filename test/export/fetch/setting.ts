import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fetchSource } from "../../../src/export/node/fetch/fetch-source.js";
import type { Fetched, FetchOptions } from "../../../src/export/node/fetch/fetch-weights.js";
import type { Patience } from "../../../src/export/node/fetch/task.js";
import { arrivals, gitHash, sha256 } from "./web-server.js";

/** A user with a home of their own, whose pauses take no time. */
export interface Setting {
  readonly home: string;
  readonly env: Record<string, string>;
  readonly notes: string[];
  /** Milliseconds of each pause that was made. */
  readonly pauses: number[];
  patience: Patience;
  fetch(source: string, options?: FetchOptions): Promise<Fetched>;
  /** Paths of all files below the home. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

export async function newSetting(env: Record<string, string> = {}): Promise<Setting> {
  const home = await mkdtemp(join(tmpdir(), "se-onnx-fetch-"));
  const notes: string[] = [];
  const pauses: number[] = [];
  const patience: Patience = {
    stall: 20_000,
    failures: 3,
    progress: 20_000,
    longest: 60_000,
    pause: async (ms) => {
      pauses.push(ms);
    },
  };
  const all = { HOME: home, ...env };
  const setting: Setting = {
    home,
    env: all,
    notes,
    pauses,
    patience,
    fetch: (source, options = {}) => {
      const onProgress: FetchOptions["onProgress"] = (received, total, file) => {
        options.onProgress?.(received, total, file);
        arrivals.emit("received", received);
      };
      const onNote = (sentence: string) => notes.push(sentence);
      return fetchSource(source, { env: all, onNote, ...options, onProgress }, setting.patience);
    },
    async files() {
      const entries = await readdir(home, { recursive: true, withFileTypes: true });
      return entries
        .filter((e) => !e.isDirectory())
        .map((e) => relative(home, join(e.parentPath, e.name)))
        .sort();
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
  return setting;
}

/** The files in blobs/ whose bytes are not what their name says, and whatever else is neither whole nor waiting to be gone on with. */
export async function strays(setting: Setting): Promise<string[]> {
  const wrong: string[] = [];
  for (const name of await setting.files()) {
    const [, blob] = /\/blobs\/([^/]+)$/.exec(name) ?? [];
    if (/\.(tmp|lock)$/.test(name)) wrong.push(name);
    if (blob === undefined || name.endsWith(".incomplete")) continue;
    const bytes = await readFile(join(setting.home, name));
    if (blob !== sha256(bytes) && blob !== gitHash(bytes)) wrong.push(name);
  }
  return wrong;
}
