import { readFile, stat } from "node:fs/promises";
import { UserError } from "../../../graph/error.js";
import { chooseFile, shardsOf } from "./choose-file.js";
import type { Fetched } from "./fetch-weights.js";
import { hubCache } from "./hub-cache.js";
import { hubSettings } from "./hub-settings.js";
import { openSnapshot, type Snapshot } from "./hub-snapshot.js";
import { licenceOf } from "./model-card.js";
import { breach, type Seal } from "./seal.js";
import type { HubSource } from "./source.js";
import { type Task, Unavailable } from "./task.js";

/** More than any index, card or config.json has. */
const MOST = 64 * 2 ** 20;

/** Fetches a checkpoint with its shards, config.json and model card into the hub's cache. */
export async function fetchHub(
  source: HubSource,
  expected: Pick<Seal, "bytes" | "sha256">,
  task: Task,
): Promise<Fetched> {
  const hub = await hubSettings(task.env);
  const snapshot = await openSnapshot(source, hub, hubCache(hub.cache, source.repo), task);
  const where = `${source.repo} (${source.revision})`;
  const file = source.file ?? chooseFile(await snapshot.files(), where);
  const main = await snapshot.get(file);
  const wrong = breach({ ...expected, blob: null }, main);
  if (wrong) throw new UserError(`${main.url} ${wrong}: it is not the file that was meant`);
  if (file.endsWith(".index.json"))
    for (const shard of shardsOf(await textOf(main.path), file, where)) await snapshot.get(shard);
  const config = await extra(snapshot, "config.json", task);
  const card = await extra(snapshot, "README.md", task);
  return {
    path: main.path,
    name: `hf:${source.repo}/${file}`,
    url: main.url,
    revision: snapshot.commit,
    sha256: main.sha256,
    licence: card === null ? null : licenceOf(card),
    config: config === null ? null : parsed(config, task),
  };
}

/** The text of a file that can be done without; null where it is not to be had. */
async function extra(snapshot: Snapshot, name: string, task: Task): Promise<string | null> {
  try {
    const file = await snapshot.find(name);
    return file && (await textOf(file.path));
  } catch (e) {
    if (!(e instanceof Unavailable)) throw e;
    task.note(`${e.message}; it goes on without ${name}`);
    return null;
  }
}

async function textOf(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MOST) throw new UserError(`'${path}' has ${size} bytes, far more than such a file has`);
  return readFile(path, "utf8");
}

function parsed(config: string, task: Task): unknown {
  try {
    return JSON.parse(config);
  } catch {
    task.note("config.json is no JSON, and is left aside");
    return null;
  }
}
