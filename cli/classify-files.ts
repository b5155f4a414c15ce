import type { ClassifyOptions } from "../src/infer/classify.js";
import type { OpenedModel } from "../src/infer/node/open.js";
import type { Io } from "./command.js";
import { count } from "./format.js";
import { imageFiles } from "./images.js";
import type { ImageResult } from "./run-result.js";

/** The classes of each file, in order, as they come. */
export async function* classifyFiles(
  session: OpenedModel,
  files: AsyncIterable<string>,
  options: ClassifyOptions,
): AsyncGenerator<ImageResult, void, undefined> {
  const names: string[] = [];
  async function* named(): AsyncGenerator<string, void, undefined> {
    for await (const file of files) {
      names.push(file);
      yield file;
    }
  }
  for await (const { predictions, error, ms } of session.classify(named(), options)) {
    const file = names.shift() ?? "";
    const { decode, preprocess, run } = ms;
    yield error ? { file, error: error.message } : { file, predictions, ms: { decode, preprocess, run } };
  }
}

/** The most failures that are listed at the end. */
const LISTED = 20;

/** Pictures that could not be read, and what is listed of them. */
export interface Failures {
  failed: number;
  readonly failures: string[];
}
export function addFailure(tally: Failures, error: string): void {
  tally.failed++;
  if (tally.failures.length < LISTED) tally.failures.push(error);
}
export function noteFailures({ failed, failures }: Failures, io: Io): void {
  if (!failed) return;
  io.note(`${count(failed)} could not be read:`);
  for (const failure of failures) io.note(`  ${failure}`);
  if (failed > failures.length) io.note(`  and ${count(failed - failures.length)} more`);
}

/** A bar whose end is known as soon as the pictures are counted, which goes on beside. */
export function countingBar(paths: readonly string[], io: Io): { update(done: number): void; done(): void } {
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
    update(done) {
      if (total) bar.update(done / total);
    },
    done() {
      over = true;
      bar.done();
    },
  };
}
