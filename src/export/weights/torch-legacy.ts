import { UserError } from "../../graph/error.js";
import { type Ranged, range } from "../../graph/tensor.js";
import { quoted } from "./names.js";
import { readPickle } from "./pickle.js";
import { readFront } from "./pickle-front.js";
import type { PickleInput } from "./pickle-input.js";
import { keyOf, kindOf, type PickleRules } from "./pickle-machine.js";
import { type Mentioned, mentionedBytes, storageOf } from "./storage.js";
import { requireFew, type TorchFile } from "./torch-file.js";
import { TORCH_GLOBALS } from "./torch-globals.js";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
/** For pickles that have no names to refer to. */
const PLAIN: PickleRules = {
  globals: new Map(),
  persistent: (id, call) => {
    throw call.fail(`the persistent id ${kindOf(id)} where none is expected`);
  },
};

/**
 * The container before PyTorch 1.6 (torch/serialization.py, _legacy_save): pickles of a magic number, a version, facts of the machine, what was
 * saved and a list of keys; then, in the order of that list, each storage as its count of elements (8 bytes) and its numbers. These are
 * little-endian whatever the machine was.
 */
export async function readTorchLegacy(source: Ranged, name: string): Promise<TorchFile> {
  const { root, keys, mentioned, end } = await readFront(source, name, 0, 64 * 1024, (input) => readHead(input, name));
  const storages = await locate(source, name, keys, mentioned, end);
  return {
    root,
    async open(key) {
      const bytes = storages.get(key);
      if (!bytes) throw new UserError(`${name} has no storage ${quoted(key)}, which its pickle refers to`);
      return bytes;
    },
  };
}

interface Head {
  readonly root: unknown;
  readonly keys: readonly unknown[];
  readonly mentioned: Mentioned;
  readonly end: number;
}
function readHead(input: PickleInput, name: string): Head {
  const magic = readPickle(input, PLAIN);
  if (magic !== MAGIC)
    throw new UserError(
      `${name} is a pickle, but not PyTorch's: it starts with ${kindOf(magic)} and not with ${MAGIC}`,
    );
  const version = readPickle(input, PLAIN);
  if (version !== VERSION)
    throw input.fail(`${kindOf(version)} is no version of PyTorch's format, which is ${VERSION}`);
  readPickle(input, PLAIN); // the byte order and sizes of C's types there, on which nothing depends
  const mentioned: Mentioned = new Map();
  const root = readPickle(input, {
    globals: TORCH_GLOBALS,
    persistent: (id, call) => storageOf(id, call, mentioned),
  });
  const keys = readPickle(input, PLAIN);
  if (!Array.isArray(keys)) throw input.fail(`${kindOf(keys)} where the list of storages should be`);
  return { root, keys, mentioned, end: input.at };
}

async function locate(
  source: Ranged,
  name: string,
  keys: readonly unknown[],
  mentioned: Mentioned,
  start: number,
): Promise<ReadonlyMap<string, Ranged>> {
  requireFew(keys.length, "storages", name);
  const storages = new Map<string, Ranged>();
  let at = start;
  for (const value of keys) {
    const key = keyOf(value);
    if (key === null) throw new UserError(`${name} lists ${kindOf(value)} for a storage`);
    const known = mentioned.get(key);
    const body = at + 8;
    const end = body + mentionedBytes(mentioned, key);
    if (!known || storages.has(key))
      throw new UserError(`${name} lists a storage ${quoted(key)} ${known ? "twice" : "that nothing refers to"}`);
    const count = body <= source.byteLength ? await source.read(at, body) : null;
    if (!count || end > source.byteLength)
      throw new UserError(
        `${name} was cut short: it has ${source.byteLength} bytes, and the storage ${quoted(key)} ends at ${end}`,
      );
    const elements = new DataView(count.buffer, count.byteOffset).getBigInt64(0, true);
    if (elements !== BigInt(known.elements))
      throw new UserError(
        `${name}, byte ${at}: the storage ${quoted(key)} has ${elements} elements, and the pickle says ${known.elements}`,
      );
    storages.set(key, range(source, body, end));
    at = end;
  }
  return storages;
}
