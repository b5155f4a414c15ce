import type { OpenedModel } from "../src/infer/node/open.js";
import { addFailure, classifyFiles, countingBar, type Failures, noteFailures } from "./classify-files.js";
import type { Io } from "./command.js";
import { count } from "./format.js";
import { imageFiles } from "./images.js";
import { modelId } from "./model-id.js";
import { openOutput, type RunOutput } from "./run-output.js";
import { type ImageResult, reportImage } from "./run-result.js";

export interface RunImagesArguments {
  readonly device: string;
  readonly topK: number;
  readonly batch?: number | undefined;
  readonly output?: string;
  readonly json?: boolean;
}
/** How a run over pictures went. */
interface Tally extends Failures {
  /** Pictures classified now; pictures that the output held already, classified then. */
  classified: number;
  skipped: number;
}

/**
 * Classifies the pictures of `paths` as they are found, and prints the results as they come or adds them to the output. Gives the exit code: 0, 1
 * where some pictures could not be read, 2 where none could, 130 where it was interrupted and can go on from its output.
 */
export async function runImages(
  model: string,
  session: OpenedModel,
  paths: readonly string[],
  labels: readonly string[] | null,
  args: RunImagesArguments,
  io: Io,
): Promise<number> {
  const started = performance.now();
  const tally: Tally = { classified: 0, skipped: 0, failed: 0, failures: [] };
  const output = args.output ? await openOutput(args.output, args.topK, await modelId(model)) : null;
  const list: ImageResult[] = [];
  const bar = countingBar(paths, io);
  const { topK, batch } = args;
  const options = { topK, signal: io.signal, ...(labels ? { labels } : {}), ...(batch ? { batch } : {}) };
  try {
    for await (const result of classifyFiles(session, pending(paths, output, tally), options)) {
      if (result.error) addFailure(tally, result.error);
      else tally.classified++;
      if (output) await output.add(result);
      else if (args.json) list.push(result);
      else io.out(reportImage(result));
      bar.update(pictures(tally));
    }
  } catch (e) {
    if (!output || !io.signal.aborted) throw e;
    io.note(`interrupted: '${args.output}' holds what was done, and the same command goes on from there`);
    return 130;
  } finally {
    bar.done();
    await output?.close();
  }
  const seconds = (performance.now() - started) / 1000;
  if (args.json) io.out(JSON.stringify(summary(session, args, tally, seconds, list), null, 2));
  else noteWhatItMeans(session, labels, io);
  noteTally(session, tally, seconds, io);
  if (!tally.failed) return 0;
  return tally.classified + tally.skipped ? 1 : 2;
}

/** The pictures of `paths` that the output does not hold yet, each once if there is an output. */
async function* pending(
  paths: readonly string[],
  output: RunOutput | null,
  tally: Tally,
): AsyncGenerator<string, void, undefined> {
  const taken = new Set<string>();
  for await (const file of imageFiles(paths)) {
    if (!output) yield file;
    else if (!taken.has(file)) {
      taken.add(file);
      const before = output.done.get(file);
      if (before === undefined) yield file;
      else if (before === null) tally.skipped++;
      else addFailure(tally, before);
    }
  }
}

const pictures = ({ classified, skipped, failed }: Tally): number => classified + skipped + failed;

function summary(
  session: OpenedModel,
  { device, output }: RunImagesArguments,
  tally: Tally,
  seconds: number,
  list: readonly ImageResult[],
): object {
  const { classified, skipped, failed } = tally;
  const times = { seconds, imagesPerSecond: classified / seconds };
  const { provider, tried, fallback, loadMs, optimization } = session;
  const where = { device: provider, requestedDevice: device, tried, fallback, loadMs, optimization };
  if (!output) return { ...where, ...times, images: list };
  return { ...where, output, images: pictures(tally), classified, skipped, failed, ...times };
}

function noteWhatItMeans({ setup }: OpenedModel, labels: readonly string[] | null, io: Io): void {
  if (setup.origin?.source === "random")
    io.note("the weights of this model are random: its predictions mean nothing, and its classes are given no names");
  else if (!labels && !setup.labels)
    io.note("the model has no class names: give --labels FILE, or --labels imagenet for a network trained on ImageNet");
}

function noteTally({ provider }: OpenedModel, tally: Tally, seconds: number, io: Io): void {
  const before = tally.skipped ? `, ${count(tally.skipped)} were done before` : "";
  const done = `${count(tally.classified)} of ${count(pictures(tally))} pictures`;
  io.note(`${done} in ${seconds.toFixed(2)} s on ${provider}${before}`);
  noteFailures(tally, io);
}
