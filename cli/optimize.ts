import { randomBytes } from "node:crypto";
import { mkdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { readMetadata } from "../src/export/metadata.js";
import { type OpenModel, readModel } from "../src/export/node/read-model.js";
import { writeModel } from "../src/export/node/write-model.js";
import { UserError } from "../src/graph/error.js";
import type { FixedLengths } from "../src/graph/fix-inputs.js";
import { targets } from "../src/graph/targets.js";
import { optimize as optimizeGraph, planPasses, specialise } from "../src/optimize.js";
import type { Command, Io } from "./command.js";
import { json, type Optimized, passed, sentence, text } from "./optimize-report.js";
import { tune } from "./optimize-tune.js";
import { whole } from "./options.js";
import { type Verified, type VerifyOptions, verify, verifyApart } from "./verify.js";

interface OptimizeArguments extends FixedLengths {
  readonly target?: string;
  readonly passes?: readonly string[];
  readonly skip?: readonly string[];
  readonly explain?: boolean;
  readonly input: readonly string[];
  readonly image: readonly string[];
  readonly tune?: boolean;
  readonly fillSize: number;
  readonly verify: boolean;
  readonly verifyOnly?: boolean;
  readonly json?: boolean;
}
export const optimize: Command = {
  define(program, io, exit) {
    program
      .command("optimize <in> <out>")
      .description(
        "Rewrite any .onnx file to run faster, its outputs the same; exit code 1, and no file, where they differ",
      )
      .option("--target <name>", `what it is to run on: ${targets.map((t) => t.name).join(", ")} (default: portable)`)
      .option("--passes <names>", "passes to run in place of the target's, comma-separated", names)
      .option("--skip <names>", "passes to leave out, comma-separated", names)
      .option("--explain", "list every place that was left as it was, and why")
      .option("--batch <n>", "make the batch this number", whole())
      .option("--input-size <n|HxW>", "make the images this large", size)
      .option("--no-verify", "write without running both models on the same numbers")
      .option("--verify-only", "only hold <out>, which is there already, against <in>")
      .option(
        "--input <name=file.npy>",
        "verify with this tensor instead of random numbers; once per input",
        (t, list: readonly string[]) => [...list, t],
        [],
      )
      .option(
        "--image <picture>",
        "verify with this picture too, as the model wants its images; once per picture",
        (t, list: readonly string[]) => [...list, t],
        [],
      )
      .option(
        "--tune",
        "time the forms for processors on this machine, and keep the fastest, or the portable one where none is clearly faster",
      )
      .option("--fill-size <n>", "H and W to verify with, where the model leaves them open", whole(), 224)
      .option("--json", "print one JSON object")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx optimize theirs.onnx faster.onnx --target cpu\n  $ se-onnx optimize theirs.onnx one.onnx --batch 1 --explain\n  $ se-onnx optimize theirs.onnx mine.onnx --tune --batch 1 --image cat.jpg",
      )
      .action(async (from: string, to: string, args: OptimizeArguments) => {
        if (args.verifyOnly) {
          const verified = await verify(from, to, verifyOptions(args));
          io.out(args.json ? JSON.stringify({ verified }, null, 2) : sentence(verified));
          if (!passed(verified)) exit(1);
          return;
        }
        const result = await optimizeFile(from, to, args, io);
        io.out(args.json ? JSON.stringify(json(result, args), null, 2) : text(result, args));
        if (!result.to) exit(1);
      });
  },
};

const verifyOptions = (args: OptimizeArguments): VerifyOptions => ({
  inputs: args.input,
  size: args.fillSize,
  images: args.image,
});

async function optimizeFile(from: string, to: string, args: OptimizeArguments, io: Io): Promise<Optimized> {
  const started = performance.now();
  if (args.tune && (args.target || args.passes || args.skip))
    throw new UserError("--tune chooses target and passes by itself: leave out --target, --passes and --skip");
  const planned = planPasses(args);
  await requireFolder(to);
  const model = await readModel(from);
  try {
    const scratch = join(dirname(resolve(to)), `.${basename(to)}.${randomBytes(4).toString("hex")}.tmp`);
    try {
      if (args.tune) await mkdir(scratch, { recursive: true });
      const tuned = args.tune ? await tune(from, args, sizeFor(model, args), scratch, io) : null;
      const passes = tuned?.passes ?? planned;
      const reference = await specialised(model, from, scratch, args, io);
      const report = optimizeGraph(model.graph, passes);
      const seconds = (performance.now() - started) / 1000;
      const source = { file: from, bytes: await sizeOf(from, model.dataFiles) };
      const verified = args.verify ? await verifyGraph(model, reference, scratch, args, io) : null;
      if (verified && !passed(verified)) return { from: source, to: null, report, verified, tuned, seconds };
      const { bytes, sha256, dataFile } = await writeModel(model.graph, to, {
        externalData: model.dataFiles.length > 0,
        signal: io.signal,
      });
      const writing = (performance.now() - started) / 1000 - (verified?.seconds ?? 0);
      return { from: source, to: { file: to, bytes, sha256, dataFile }, report, verified, tuned, seconds: writing };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  } finally {
    await model.close();
  }
}

/** Fixes lengths as asked; gives the file to verify against: the input's, or, where that has another length, what it is with the new one. */
async function specialised(
  { graph, dataFiles }: OpenModel,
  from: string,
  scratch: string,
  args: OptimizeArguments,
  io: Io,
): Promise<string> {
  if (args.batch === undefined && !args.inputSize) return from;
  const changed = specialise(graph, args);
  if (!changed || !args.verify) return from;
  await mkdir(scratch, { recursive: true });
  const reference = join(scratch, "reference.onnx");
  await writeModel(graph, reference, { externalData: dataFiles.length > 0, signal: io.signal });
  return reference;
}

/** Writes the graph where nobody looks for it, and runs it beside the reference. */
async function verifyGraph(
  { graph, dataFiles }: OpenModel,
  reference: string,
  scratch: string,
  args: OptimizeArguments,
  io: Io,
): Promise<Verified> {
  await mkdir(scratch, { recursive: true });
  const candidate = join(scratch, "candidate.onnx");
  await writeModel(graph, candidate, { externalData: dataFiles.length > 0, signal: io.signal });
  const options = verifyOptions({ ...args, fillSize: sizeFor({ graph }, args) });
  return verifyApart(reference, candidate, options, io.signal);
}

/** H and W to run with, where the model leaves them open. */
function sizeFor({ graph }: Pick<OpenModel, "graph">, { fillSize }: OptimizeArguments): number {
  const { input_size: [, height] = [] } = readMetadata(graph).preprocessing ?? {};
  return height ?? fillSize;
}

/** Says before any work is done where the file cannot come to stand. */
async function requireFolder(to: string): Promise<void> {
  const kind = (path: string): Promise<boolean | null> =>
    stat(path).then(
      (s) => s.isDirectory(),
      () => null,
    );
  if (await kind(to)) throw new UserError(`cannot write '${to}': it is a folder`);
  if (!(await kind(dirname(resolve(to)))))
    throw new UserError(`cannot write '${to}': the folder '${dirname(to)}' does not exist: make it first`);
}

async function sizeOf(file: string, dataFiles: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    [file, ...dataFiles.map((name) => join(dirname(file), name))].map((path) => stat(path)),
  );
  return sizes.reduce((sum, s) => sum + s.size, 0);
}

/** "a,b" -> ["a", "b"] */
function names(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}

/** "224" or "224x320" -> [height, width] */
function size(text: string): readonly [number, number] {
  const [h = "", w = h, ...more] = text.split("x");
  if (more.length) throw new InvalidArgumentError("It must be a number, or HEIGHTxWIDTH.");
  return [whole()(h), whole()(w)];
}
