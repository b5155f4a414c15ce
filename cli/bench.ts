import { InvalidArgumentError, Option } from "commander";
import { type Block, type Case, measureBlock } from "./bench-measure.js";
import type { Command, Io } from "./command.js";
import { count, table } from "./format.js";
import { imageFiles, requireImages } from "./images.js";
import { whole, wholes } from "./options.js";
import { requireMemory } from "./require-memory.js";

interface BenchArguments {
  readonly batch: readonly number[];
  readonly threads?: readonly number[];
  readonly device: readonly string[];
  readonly runs: number;
  readonly images?: string;
  readonly json?: boolean;
}
/** A case's figures over all its blocks; milliseconds. */
interface Row extends Case {
  readonly msMedian: number;
  readonly msMin: number;
  readonly msP10: number;
  readonly msP90: number;
  /** Medians over the median of the first model in the same setting; the same of 10th percentiles, and of single rounds, least and largest. */
  readonly ratio: number;
  readonly ratioP10: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
  /** Medians for one picture. */
  readonly pictures: {
    readonly msDecode: number;
    readonly msPrepare: number;
    readonly msRun: number;
    readonly imagesPerSecond: number;
  } | null;
}

/** Times that the models take turns, if there are that many runs. */
const ROUNDS = 5;
/** Pictures taken from the folder, over and over. */
const MOST_PICTURES = 256;

const names = (text: string): readonly string[] => {
  const list = text.split(",").map((name) => name.trim());
  if (list.includes("")) throw new InvalidArgumentError("It must be names with commas between.");
  return list;
};

export const bench: Command = {
  define(program, io) {
    program
      .command("bench <model> [others...]")
      .description("Time models as their files are: they take turns, one being open at a time, each warmed up")
      .addOption(new Option("--batch <list>", "images at a time, e.g. 1,8").argParser(wholes).default([1], "1"))
      .option("--threads <list>", "threads of the runtime, e.g. 1,2 (default: its own choice)", wholes)
      .addOption(
        new Option("--device <list>", "devices to measure on, e.g. cpu,wasm").argParser(names).default(["cpu"], "cpu"),
      )
      .option("--runs <n>", "runs of each model in each setting", whole(), 30)
      .option("--images <folder>", "pictures to classify too, whose time is told apart: decode, prepare, run")
      .option("--json", "print one JSON object")
      .addHelpText(
        "after",
        "\nTimes are medians, with 10th and 90th percentiles; other programs only add time, so that the 10th percentiles compare best.\n\nExamples:\n  $ se-onnx bench resnet50.onnx se_resnet50_r16.onnx --threads 1,2\n  $ se-onnx bench model.onnx --batch 1,8 --device cpu,wasm --images photos/",
      )
      .action(async (model: string, others: readonly string[], args: BenchArguments) => {
        const files = [model, ...others];
        const pictures = args.images ? await somePictures(args.images) : [];
        const settings = args.device.flatMap((device) =>
          (args.threads ?? [null]).flatMap((threads) => args.batch.map((batch) => ({ device, threads, batch }))),
        );
        for (const { device, batch } of settings) for (const file of files) await requireMemory(file, batch, device);
        const bar = io.progress("measuring");
        const rows: Row[] = [];
        try {
          for (const [i, setting] of settings.entries()) {
            const cases = files.map((file) => ({ file, ...setting }));
            const share = (done: number): void => bar.update((i + done) / settings.length);
            rows.push(...rowsOf(cases, await takeTurns(cases, args.runs, pictures, io, share)));
          }
        } finally {
          bar.done();
        }
        if (args.json) io.out(JSON.stringify(summary(rows, args), null, 2));
        else io.out(report(rows));
      });
  },
};

/** Blocks of each case, by rounds. */
async function takeTurns(
  cases: readonly Case[],
  runs: number,
  pictures: readonly string[],
  io: Io,
  share: (done: number) => void,
): Promise<readonly (readonly Block[])[]> {
  const rounds = Math.min(ROUNDS, runs);
  const blocks: Block[][] = cases.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, one] of cases.entries()) {
      const some = Math.floor(((round + 1) * runs) / rounds) - Math.floor((round * runs) / rounds);
      const step = (done: number): void => share((round * cases.length + i + done) / (rounds * cases.length));
      blocks[i]?.push(await measureBlock(one, some, pictures, io.signal, step));
    }
  return blocks;
}

function rowsOf(cases: readonly Case[], blocks: readonly (readonly Block[])[]): readonly Row[] {
  const [first = []] = blocks;
  const base = first.flatMap((b) => b.ms);
  return cases.map((one, i) => {
    const own = blocks[i] ?? [];
    const ms = own.flatMap((b) => b.ms);
    const ratios = own.map((b, round) => median(b.ms) / median(first[round]?.ms ?? []));
    return {
      ...one,
      msMedian: median(ms),
      msMin: Math.min(...ms),
      msP10: percentile(ms, 0.1),
      msP90: percentile(ms, 0.9),
      ratio: median(ms) / median(base),
      ratioP10: percentile(ms, 0.1) / percentile(base, 0.1),
      ratioLow: Math.min(...ratios),
      ratioHigh: Math.max(...ratios),
      pictures: pictureFigures(own),
    };
  });
}

function pictureFigures(blocks: readonly Block[]): Row["pictures"] {
  const taken = blocks.flatMap((b) => b.pictures ?? []);
  if (!taken.length) return null;
  return {
    msDecode: median(taken.flatMap((p) => p.decode)),
    msPrepare: median(taken.flatMap((p) => p.prepare)),
    msRun: median(taken.flatMap((p) => p.run)),
    imagesPerSecond: median(taken.map((p) => p.imagesPerSecond)),
  };
}

const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Linear between the two values next to it. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

function summary(rows: readonly Row[], { batch, threads = [], device, runs }: BenchArguments): object {
  return { models: rows, ratios: rows.map((r) => r.ratio), batch, threads, device, runs };
}

function report(rows: readonly Row[]): string {
  const pictures = rows.some((r) => r.pictures);
  const ms = (x: number): string => x.toFixed(x < 10 ? 2 : 1);
  const head = ["model", "device", "threads", "batch", "median ms", "p10", "p90", "least", "ratio", "of p10", "rounds"];
  const lines = rows.map(({ pictures: p, ...r }) => [
    r.file,
    r.device,
    r.threads ? `${r.threads}` : "auto",
    count(r.batch),
    ...[r.msMedian, r.msP10, r.msP90, r.msMin].map(ms),
    r.ratio.toFixed(3),
    r.ratioP10.toFixed(3),
    `${r.ratioLow.toFixed(3)}-${r.ratioHigh.toFixed(3)}`,
    ...(p ? [ms(p.msDecode), ms(p.msPrepare), ms(p.msRun), p.imagesPerSecond.toFixed(1)] : []),
  ]);
  return table([[...head, ...(pictures ? ["decode ms", "prepare ms", "run ms", "images/s"] : [])], ...lines]);
}

async function somePictures(folder: string): Promise<readonly string[]> {
  await requireImages([folder]);
  const files: string[] = [];
  for await (const file of imageFiles([folder])) {
    files.push(file);
    if (files.length === MOST_PICTURES) break;
  }
  return files;
}
