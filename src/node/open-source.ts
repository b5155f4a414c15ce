import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Pretrained } from "../../models/pretrained/pretrained.js";
import { type Imported, type ImportOptions, importWeights } from "../../models/zoos/import.js";
import type { WeightsOrigin } from "../export/metadata.js";
import { type Fetched, type FetchOptions, fetchWeights, isRemote } from "../export/node/fetch/fetch-weights.js";
import { digestOf } from "../export/node/fetch/seal.js";
import { openWeights } from "../export/node/open-weights.js";
import type { Checkpoint } from "../export/weights/checkpoint.js";
import { readTimmConfig, type TimmConfig } from "../export/weights/timm-config.js";
import { choose, UserError } from "../graph/error.js";
import type { Preprocessing } from "../graph/preprocessing.js";

/** Weights from where people keep them, and what is known of them. */
export interface OpenedSource {
  readonly imported: Imported;
  readonly origin: WeightsOrigin;
  /** Null: not known. */
  readonly preprocessing: Preprocessing | null;
  readonly test: Pretrained["test"];
  /** Class names by index; "imagenet" stands for the 1,000 of ILSVRC 2012. Null: not known. */
  readonly labels: readonly string[] | "imagenet" | null;
  /** Sentences for a report. */
  readonly notes: readonly string[];
  /** The files that they are in. */
  readonly paths: readonly string[];
  /** The tensors are read from its files until then. */
  close(): Promise<void>;
}
export interface SourceOptions
  extends Pick<ImportOptions, "backbone" | "zoo">,
    Pick<FetchOptions, "signal" | "onProgress" | "onNote"> {
  /** Whether the origin of a file that is here says its SHA-256, which takes as long as all else; that of a file that was fetched is known. */
  readonly hash?: boolean;
}

/**
 * Opens `source`: a file or folder, an https URL, a repository of the Hugging Face hub as `hf:owner/name[@revision][/file]`, or a name that
 * `pretrained` lists; what is not here is fetched first. Throws a UserError where it cannot be had or read, or is of no network here.
 */
export async function openSource(source: string, options: SourceOptions = {}): Promise<OpenedSource> {
  const recognised = await recognise(source);
  const { known } = recognised;
  if (known && !known.backbone && !options.backbone)
    throw new UserError(`there is no network here yet for the weights '${known.name}'`);
  const { checkpoint, paths, fetched, config, close } = await openCheckpoint(source, options, recognised);
  try {
    const published = fetched ? known?.backbone : undefined; // a file here is known by its name alone, which may say what it likes
    const imported = await importWeights(checkpoint, {
      backbone: options.backbone ?? published ?? undefined,
      zoo: options.zoo,
      hint: `${source} ${config.architecture ?? ""} ${known?.backbone ?? ""}`,
    });
    return {
      imported,
      origin: {
        ...originOf(source, imported, known, fetched),
        ...(options.hash && !fetched?.sha256 && { sha256: await hashOf(source, paths, options.signal) }),
      },
      preprocessing: known?.preprocessing ?? config.preprocessing,
      test: known?.test ?? null,
      labels: config.labels ?? (known?.classes === 1000 ? "imagenet" : null),
      notes: checkpoint.notes,
      paths,
      close,
    };
  } catch (e) {
    await close();
    throw e;
  }
}

/** A checkpoint of any network, and what is published of it. */
export interface OpenedCheckpoint extends Pick<Located, "known" | "fetched"> {
  readonly checkpoint: Checkpoint;
  readonly config: TimmConfig;
  /** The files that it is in. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}
/** Opens `source`, as `openSource` takes it, whatever it is of. */
export async function openCheckpoint(
  source: string,
  options: SourceOptions = {},
  recognised?: Recognised,
): Promise<OpenedCheckpoint> {
  const { known, fetched, path } = await locate(source, options, recognised ?? (await recognise(source)));
  const config = readTimmConfig(fetched ? fetched.config : await configBeside(path));
  const { source: checkpoint, paths, close } = await openWeights(path);
  return { checkpoint: { ...checkpoint, name: source }, paths, known, fetched, config, close };
}

interface Recognised {
  /** The published checkpoint that it is. */
  readonly known: Pretrained | null;
  /** Whether it is a path. */
  readonly here: boolean;
}
async function recognise(source: string): Promise<Recognised> {
  const here = !isRemote(source) && (await exists(source));
  if (here && !isHashed(source)) return { known: null, here };
  const { pretrained } = await import("../../models/pretrained/index.js");
  if (isRemote(source)) return { known: pretrained.find(({ from }) => from === source) ?? null, here: false };
  if (!here && isPath(source))
    throw new UserError(
      `there is no file or folder '${source}': check the path, or take a name from se-onnx list --weights`,
    );
  if (!here) return { known: choose("file, folder or published weights", source, pretrained), here: false };
  const known = pretrained.find(({ from }) => isHashed(from) && basename(from) === basename(source));
  return { known: known ?? null, here: true };
}

interface Located extends Pick<Recognised, "known"> {
  readonly fetched: Fetched | null;
  readonly path: string;
}
async function locate(
  source: string,
  { signal, onProgress, onNote }: SourceOptions,
  { known, here }: Recognised,
): Promise<Located> {
  if (here) return { known, fetched: null, path: source };
  const fetched = await fetchWeights(known?.from ?? source, { signal, onProgress, onNote, sha256: known?.sha256 });
  return { known, fetched, path: fetched.path };
}

/** Whether a file's name has digits of its hash, by which it is known wherever it is. */
const isHashed = (url: string): boolean => /-[0-9a-f]{8,}\.\w+$/.test(url);
/** Whether it cannot be a published name. */
const isPath = (source: string): boolean =>
  /^[./~]|\\|\.(safetensors|pth|pt|bin|pkl|npz|onnx|json|tar|ckpt)$/.test(source);
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The config.json in a checkpoint's folder; null where there is none, or none that can be read. */
async function configBeside(path: string): Promise<unknown> {
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  return readFile(join(folder, "config.json"), "utf8")
    .then(JSON.parse)
    .catch(() => null);
}

async function hashOf(source: string, [path, another]: readonly string[], signal?: AbortSignal): Promise<string> {
  if (another) throw new UserError(`'${source}' is in several files, which have no hash together: leave out --hash`);
  const digest = path ? await digestOf(path, { bytes: null, sha256: null, blob: null }, signal) : null;
  if (!digest) throw new UserError(`'${source}' has gone while it was being read`);
  return digest.sha256;
}

function originOf(name: string, { zoo }: Imported, known: Pretrained | null, fetched: Fetched | null): WeightsOrigin {
  const licence = known?.licence ?? fetched?.licence;
  return {
    source: "file",
    name,
    zoo,
    ...(fetched && { url: fetched.url }),
    ...(fetched?.revision && { revision: fetched.revision }),
    ...(fetched?.sha256 && { sha256: fetched.sha256 }),
    ...(licence && { licence }),
  };
}
