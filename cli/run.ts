import { UserError } from "../src/graph/error.js";
import { type OpenedModel, open } from "../src/infer/node/open.js";
import type { Command, Io } from "./command.js";
import { countImages, requireImages } from "./images.js";
import { readLabels } from "./labels.js";
import { threads, whole } from "./options.js";
import { requireMemory } from "./require-memory.js";
import { type RunImagesArguments, runImages } from "./run-images.js";
import { type RunTensorsArguments, runTensors } from "./run-tensors.js";

interface RunArguments extends RunImagesArguments, RunTensorsArguments {
  readonly threads?: number;
  readonly strictDevice?: boolean;
  readonly optimize?: boolean;
  readonly labels?: string;
}

/** Pictures from which on a faster form has paid by their end, were it made now. */
const MANY = 250;

export const run: Command = {
  define(program, io, exit) {
    program
      .command("run <model> [images...]")
      .description("Classify pictures, or run a model on raw tensors")
      .option(
        "--device <list>",
        "where to run: cpu, cuda, webgpu, wasm, auto, …; several by preference (see: se-onnx doctor)",
        "cpu",
      )
      .option("--strict-device", "fail where the first device cannot run the whole model")
      .option("--optimize", "make the form that the device is fastest in now, however few the pictures")
      .option("--no-optimize", "run the model as it is (default: in the fastest form, made once it pays, and kept)")
      .option("--threads <n>", "threads of the runtime (default: its own choice)", threads)
      .option("--top-k <n>", "classes to print for each picture", whole(), 5)
      .option("--batch <n>", "pictures at a time (default: 8, or what the model was built for)", whole())
      .option(
        "--labels <file>",
        'class names: a file with one a line or a JSON array, or "imagenet" (default: the model\'s own)',
      )
      .option(
        "--input <name=file.npy>",
        "a raw input tensor instead of pictures; once per input",
        (t, list: readonly string[]) => [...list, t],
        [],
      )
      .option(
        "--output <file>",
        "add the results to a .jsonl or .csv file as they come; one that is there is gone on with, its pictures not being done again",
      )
      .option("--output-dir <folder>", "where to write each raw output as <name>.npy")
      .option("--json", "print one JSON object")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx run se_resnet50_r16.onnx cat.jpg\n  $ se-onnx run model.onnx photos/ --labels imagenet --json\n  $ se-onnx run model.onnx photos/ --batch 16 --output results.jsonl\n  $ se-onnx run model.onnx --input input=x.npy --output-dir out",
      )
      .action(async (model: string, images: readonly string[], args: RunArguments) => {
        if (images.length && args.input.length) throw new UserError("give pictures or --input, not both");
        if (!images.length && !args.input.length)
          throw new UserError("give pictures to classify, or --input name=file.npy");
        if (args.outputDir && !args.input.length) throw new UserError("--output-dir goes with --input");
        if (args.output && args.input.length) throw new UserError("--output goes with pictures; give --output-dir");
        if (images.length) await requireImages(images);
        const labels = args.labels ? await readLabels(args.labels) : null;
        const { device, threads, strictDevice: strict } = args;
        const found = await countImages(images, Math.max(MANY, args.batch ?? 1));
        const batch = args.batch && found ? Math.min(args.batch, found) : args.batch;
        if (batch) await requireMemory(model, batch, device);
        const optimize = args.optimize ?? (found >= MANY ? true : "again");
        const session = await open(model, { device, threads, strict, optimize, batch });
        noteOptimization(session, args, io);
        for (const { device, reason } of session.tried) io.note(`not on ${device}: ${reason}`);
        if (session.fallback) io.note(`${session.provider} has no kernel for some nodes: these run on the processor`);
        try {
          if (args.input.length) await runTensors(session, args, io);
          else exit(await runImages(model, session, images, labels, args, io));
        } finally {
          await session.close();
        }
      });
  },
};

/** Says what it took, and, to those who asked for it, why it was not done. */
function noteOptimization({ optimization }: OpenedModel, { optimize }: RunArguments, io: Io): void {
  if (typeof optimization === "string") {
    if (optimize) io.note(`not optimized: ${optimization}`);
  } else if (optimization?.madeMs)
    io.note(`optimized for this machine in ${(optimization.madeMs / 1000).toFixed(1)} s, kept in ${optimization.path}`);
}
