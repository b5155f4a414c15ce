import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { extname } from "node:path";
import { UserError } from "../src/graph/error.js";
import { csvFormat } from "./run-csv.js";
import { type ImageResult, jsonLines, type ResultFormat } from "./run-result.js";

/** A file of results that grows as they come. */
export interface RunOutput {
  /** The pictures that it holds already, and why some of them could not be read. */
  readonly done: ReadonlyMap<string, string | null>;
  add(result: ImageResult): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `path`, a .jsonl or .csv file, to add to it. One that is there is read: a last line that was cut off is taken away, its picture being done
 * again. Throws a UserError where the file is not one that this wrote, with as many classes for each picture, of the same `model`.
 */
export async function openOutput(path: string, topK: number, model: string): Promise<RunOutput> {
  const format = formatOf(path, topK);
  const file = await open(path, "a+").catch((e: NodeJS.ErrnoException) => {
    throw new UserError(`'${path}' cannot be written (${e.code}): name another file with --output`);
  });
  try {
    const { done, end } = await readBack(path, format, model);
    await file.truncate(end);
    if (end === 0) await file.appendFile(format.header);
    return {
      done,
      add: ({ file: name, ...result }) => file.appendFile(format.line({ file: name, model, ...result })), // in one write, so that an interruption leaves whole lines
      close: () => close(file),
    };
  } catch (e) {
    await file.close();
    throw e;
  }
}

function formatOf(path: string, topK: number): ResultFormat {
  const extension = extname(path).toLowerCase();
  if (extension === ".jsonl") return jsonLines;
  if (extension === ".csv") return csvFormat(topK);
  throw new UserError(`--output '${path}' must end in .jsonl or .csv`);
}

/** What the file holds, and where its last whole line ends. */
async function readBack(
  path: string,
  format: ResultFormat,
  model: string,
): Promise<{ readonly done: Map<string, string | null>; readonly end: number }> {
  const done = new Map<string, string | null>();
  let [rest, end, lines] = ["", 0, 0];
  for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
    const text = `${rest}${chunk}`;
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      const line = text.slice(from, at);
      if (!format.ends(line)) continue;
      lines++;
      end += Buffer.byteLength(line) + 1;
      from = at + 1;
      const isHeader = lines === 1 && format.header !== "";
      const entry = isHeader ? null : format.parse(line);
      if (isHeader ? `${line}\n` !== format.header : !entry) throw foreign(path, lines);
      if (entry && entry.model !== model)
        throw new UserError(
          `'${path}' holds results of the model ${entry.model}, not of ${model}: name another file with --output`,
        );
      if (entry) done.set(entry.file, entry.error ?? null);
    }
    rest = text.slice(from);
    if (rest.length > LONGEST_LINE) throw foreign(path, lines + 1);
  }
  const start = lines === 0 && format.header ? format.header : format.start;
  if (!rest.startsWith(start) && !start.startsWith(rest)) throw foreign(path, lines + 1);
  return { done, end };
}

/** Characters; a line of ours with every class of ImageNet has about 100,000. */
const LONGEST_LINE = 2 ** 22;

const foreign = (path: string, line: number): UserError =>
  new UserError(
    `line ${line} of '${path}' is not what run writes with these options, so nothing is added to it: name another file with --output`,
  );

async function close(file: FileHandle): Promise<void> {
  await file.sync().catch(() => {}); // not every kind of file can
  await file.close();
}
