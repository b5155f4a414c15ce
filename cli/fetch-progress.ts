import type { FetchOptions } from "../src/export/node/fetch/fetch-weights.js";
import type { Io } from "./command.js";

/** Runs `work` with options that show what it fetches, a bar for each file. */
export async function fetchProgress<T>(
  source: string,
  io: Io,
  work: (options: Pick<FetchOptions, "signal" | "onNote" | "onProgress">) => Promise<T>,
): Promise<T> {
  let bar = io.progress(`fetching ${source}`);
  let current = "";
  try {
    return await work({
      signal: io.signal,
      onNote: (sentence) => io.note(sentence),
      onProgress(received, total, file) {
        if (file !== current) {
          bar.done();
          bar = io.progress(`fetching ${file}`);
          current = file;
        }
        bar.update(total ? received / total : 0);
      },
    });
  } finally {
    bar.done();
  }
}
