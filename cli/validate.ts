import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { UserError } from "../src/graph/error.js";
import { isRanked } from "../src/graph/type.js";
import { type ClassFolders, matchFolders } from "../src/infer/class-folders.js";
import { classOutput } from "../src/infer/classify.js";
import { type OpenedModel, open } from "../src/infer/node/open.js";
import { addFailure, classifyFiles, countingBar, type Failures, noteFailures } from "./classify-files.js";
import type { Command, Io } from "./command.js";
import { count, table } from "./format.js";
import { countImages, imageFiles, requireImages } from "./images.js";
import { readLabels } from "./labels.js";
import { threads, whole } from "./options.js";
import { requireMemory } from "./require-memory.js";

interface ValidateArguments {
  readonly device: string;
  readonly threads?: number;
  readonly batch?: number;
  readonly labels?: string;
  readonly json?: boolean;
}
/** How often the class was the first, and among the first five. */
interface Score {
  images: number;
  first: number;
  amongFive: number;
}

export const validate: Command = {
  define(program, io, exit) {
    program
      .command("validate <model> <folder>")
      .description("Top-1 and top-5 over pictures in one folder for each class")
      .option("--device <list>", "where to run (see: se-onnx run --help)", "cpu")
      .option("--threads <n>", "threads of the runtime (default: its own choice)", threads)
      .option("--batch <n>", "pictures at a time (default: 8, or what the model was built for)", whole())
      .option(
        "--labels <file>",
        'class names to know the folders by: a file, or "imagenet" (default: the model\'s own)',
      )
      .option("--json", "print one JSON object")
      .addHelpText(
        "after",
        "\nThe folders are known by the first of these that fits them all: the classes' names, the WordNet ids in those names, the classes' indices, or their sorted order where there is one for each class (as torchvision's ImageFolder).\n\nExample:\n  $ se-onnx validate seresnet50.onnx imagenet/val --batch 16",
      )
      .action(async (model: string, folder: string, args: ValidateArguments) => {
        const names = await classFolders(folder);
        const paths = names.map((name) => join(folder, name));
        await requireImages(paths);
        const labels = args.labels ? await readLabels(args.labels) : null;
        const batch = args.batch && (await countImages(paths, args.batch));
        if (batch) await requireMemory(model, batch, args.device);
        const session = await open(model, { device: args.device, threads: args.threads, batch });
        try {
          const folders = matchFolders(names, labels ?? session.setup.labels, classesOf(session));
          exit(await validateFolders(session, folder, folders, args, io));
        } finally {
          await session.close();
        }
      });
  },
};

async function validateFolders(
  session: OpenedModel,
  folder: string,
  { rule, classOf }: ClassFolders,
  { device, batch, json }: ValidateArguments,
  io: Io,
): Promise<number> {
  const started = performance.now();
  const scores = new Map(
    Array.from(classOf.keys(), (name): [string, Score] => [name, { images: 0, first: 0, amongFive: 0 }]),
  );
  const tally: Failures = { failed: 0, failures: [] };
  const paths = Array.from(classOf.keys(), (name) => join(folder, name));
  const bar = countingBar(paths, io);
  let done = 0;
  try {
    const options = { topK: 5, signal: io.signal, ...(batch ? { batch } : {}) };
    for await (const { file, error, predictions = [] } of classifyFiles(session, imageFiles(paths), options)) {
      bar.update(++done);
      if (error) addFailure(tally, error);
      else
        addPlace(
          scores,
          classOf,
          relative(folder, file).split(sep)[0] ?? "",
          predictions.map((p) => p.index),
        );
    }
  } catch (e) {
    if (!io.signal.aborted) throw e;
    bar.done();
    const { images, ...parts } = shares(sumOf([...scores.values()]));
    io.note(
      images
        ? `interrupted: ${percents(parts)} of the ${count(images)} images until then`
        : "interrupted before the first image was done",
    );
    return 130;
  } finally {
    bar.done();
  }
  const seconds = (performance.now() - started) / 1000;
  const all = sumOf([...scores.values()]);
  const times = { seconds, imagesPerSecond: done / seconds };
  const classes = Array.from(scores, ([name, score]) => ({ folder: name, index: classOf.get(name), ...shares(score) }));
  const where = { device: session.provider, requestedDevice: device };
  if (json)
    io.out(JSON.stringify({ ...where, rule, ...shares(all), failed: tally.failed, ...times, classes }, null, 2));
  else io.out(report(all, classes, rule));
  io.note(`${count(all.images)} of ${count(done)} pictures in ${seconds.toFixed(2)} s on ${session.provider}`);
  noteFailures(tally, io);
  if (!tally.failed) return 0;
  return all.images ? 1 : 2;
}

function addPlace(
  scores: ReadonlyMap<string, Score>,
  classOf: ReadonlyMap<string, number>,
  name: string,
  indices: readonly number[],
): void {
  const score = scores.get(name);
  if (!score) throw new Error(`a picture of no class folder: '${name}'`);
  const place = indices.indexOf(classOf.get(name) ?? -1);
  score.images++;
  if (place === 0) score.first++;
  if (place >= 0) score.amongFive++;
}

const sumOf = (scores: readonly Score[]): Score =>
  scores.reduce(
    (a, b) => ({ images: a.images + b.images, first: a.first + b.first, amongFive: a.amongFive + b.amongFive }),
    { images: 0, first: 0, amongFive: 0 },
  );

interface Shares {
  readonly images: number;
  /** Of the images, 0 to 1; null where there are none. */
  readonly top1: number | null;
  readonly top5: number | null;
}
const shares = ({ images, first, amongFive }: Score): Shares => ({
  images,
  top1: images ? first / images : null,
  top5: images ? amongFive / images : null,
});

function report(
  all: Score,
  classes: readonly (Shares & { readonly folder: string; readonly index: number | undefined })[],
  rule: string,
): string {
  const { images, ...parts } = shares(all);
  const rows = classes.map((c) => [`  ${c.folder}`, `${c.index}`, count(c.images), percent(c.top1), percent(c.top5)]);
  return [
    `${classes.length} folders, ${rule}`,
    table([["  folder", "class", "images", "top 1", "top 5"], ...rows]),
    `${percents(parts)} of ${count(images)} images`,
  ].join("\n");
}

const percent = (share: number | null): string => (share === null ? "-" : `${(100 * share).toFixed(2)}%`);
const percents = ({ top1, top5 }: Omit<Shares, "images">): string => `top 1 ${percent(top1)}, top 5 ${percent(top5)}`;

/** The folders in `folder`, links to folders included. */
async function classFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((e: NodeJS.ErrnoException) => {
    throw new UserError(`'${folder}' is no folder that can be read (${e.code}): give one with a folder for each class`);
  });
  const are = await Promise.all(entries.map((entry) => isFolder(folder, entry)));
  const names = entries.filter((_, i) => are[i]).map((entry) => entry.name);
  if (!names.length) throw new UserError(`there is no folder in '${folder}': give one with a folder for each class`);
  return names.sort();
}
const isFolder = async (parent: string, entry: Dirent): Promise<boolean> =>
  entry.isDirectory() ||
  (entry.isSymbolicLink() &&
    (await stat(join(parent, entry.name)).then(
      (s) => s.isDirectory(),
      () => false,
    )));

/** How many classes the model tells apart, where it says so. */
function classesOf({ outputs, setup }: OpenedModel): number | null {
  const type = classOutput(outputs)?.type ?? null;
  const classes = isRanked(type) ? type.shape[1] : null;
  return typeof classes === "number" ? classes : (setup.labels?.length ?? null);
}
