import type { OpenedModel } from "../src/infer/node/open.js";
import type { Io } from "./command.js";
import { count } from "./format.js";
import { imageFiles } from "./images.js";
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
interface Tally {
  /** Pictures classified now; pictures that the output held already, classified then. */
  classified: number;
  skipped: number;
  /** Pictures that could not be read, now or then, and what is listed of them. */
  failed: number;
  readonly failures: string[];
}

/** The most failures that are listed at the end. */
const LISTED = 20;

/**
 * Classifies the pictures of `paths` as they are found, and prints the results as they come or adds them to the output. Gives the exit code: 0, 1
 * where some pictures could not be read, 2 where none could, 130 where it was interrupted and can go on from its output.
 */
export async function runImages(
  session: OpenedModel,
  paths: readonly string[],
  labels: readonly string[] | null,
  args: RunImagesArguments,
  io: Io,
): Promise<number> {
  const started = performance.now();
  const tally: Tally = { classified: 0, skipped: 0, failed: 0, failures: [] };
  const output = args.output ? await openOutput(args.output, args.topK) : null;
  const list: ImageResult[] = [];
  const bar = countingBar(paths, io);
  try {
    for await (const result of classified(session, pending(paths, output, tally), labels, args, io)) {
      if (result.error) fail(tally, result.error);
      else tally.classified++;
      if (output) await output.add(result);
      else if (args.json) list.push(result);
      else io.out(reportImage(result));
      bar.update(tally);
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
      else fail(tally, before);
    }
  }
}

async function* classified(
  session: OpenedModel,
  files: AsyncIterable<string>,
  labels: readonly string[] | null,
  { topK, batch }: RunImagesArguments,
  io: Io,
): AsyncGenerator<ImageResult, void, undefined> {
  const names: string[] = [];
  async function* named(): AsyncGenerator<string, void, undefined> {
    for await (const file of files) {
      names.push(file);
      yield file;
    }
  }
  const options = { topK, signal: io.signal, ...(labels ? { labels } : {}), ...(batch ? { batch } : {}) };
  for await (const { predictions, error, ms } of session.classify(named(), options)) {
    const file = names.shift() ?? "";
    const { decode, preprocess, run } = ms;
    yield error ? { file, error: error.message } : { file, predictions, ms: { decode, preprocess, run } };
  }
}

function fail(tally: Tally, error: string): void {
  tally.failed++;
  if (tally.failures.length < LISTED) tally.failures.push(error);
}

const pictures = ({ classified, skipped, failed }: Tally): number => classified + skipped + failed;

/** A bar whose end is known as soon as the pictures are counted, which goes on beside. */
function countingBar(paths: readonly string[], io: Io): { update(tally: Tally): void; done(): void } {
  const bar = io.progress("classifying");
  let [total, over] = [0, false];
  const counted = async (): Promise<void> => {
    let found = 0;
    for await (const _ of imageFiles(paths)) {
      if (over) return;
      found++;
    }
    total = found;
  };
  counted().catch(() => {}); // what is wrong with a folder is told where its pictures are classified
  return {
    update(tally) {
      if (total) bar.update(pictures(tally) / total);
    },
    done() {
      over = true;
      bar.done();
    },
  };
}

function summary(
  session: OpenedModel,
  { device, output }: RunImagesArguments,
  tally: Tally,
  seconds: number,
  list: readonly ImageResult[],
): object {
  const { classified, skipped, failed } = tally;
  const times = { seconds, imagesPerSecond: classified / seconds };
  const { loadMs, optimization } = session;
  const where = { device: session.provider, requestedDevice: device, loadMs, optimization };
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
  const { classified, skipped, failed, failures } = tally;
  const before = skipped ? `, ${count(skipped)} were done before` : "";
  io.note(
    `${count(classified)} of ${count(pictures(tally))} pictures in ${seconds.toFixed(2)} s on ${provider}${before}`,
  );
  if (!failed) return;
  io.note(`${count(failed)} could not be read:`);
  for (const failure of failures) io.note(`  ${failure}`);
  if (failed > failures.length) io.note(`  and ${count(failed - failures.length)} more`);
}
