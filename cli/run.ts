import { UserError } from "../src/graph/error.js";
import { open } from "../src/infer/node/open.js";
import type { Command } from "./command.js";
import { requireImages } from "./images.js";
import { readLabels } from "./labels.js";
import { whole } from "./options.js";
import { type RunImagesArguments, runImages } from "./run-images.js";
import { type RunTensorsArguments, runTensors } from "./run-tensors.js";

interface RunArguments extends RunImagesArguments, RunTensorsArguments {
  readonly threads?: number;
  readonly strictDevice?: boolean;
  readonly optimize?: boolean;
  readonly labels?: string;
}

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
      .option(
        "--optimize",
        "run a network with SE in the form that ONNX Runtime is fastest in on a processor, one picture at a time unless --batch says otherwise",
      )
      .option("--threads <n>", "threads of the runtime (default: its own choice)", whole())
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
        const batch = args.batch ?? (args.optimize ? 1 : undefined);
        const session = await open(model, { device, threads, strict, optimize: args.optimize && (batch ?? true) });
        if (typeof session.optimization === "string") io.note(`not optimized: ${session.optimization}`);
        for (const { device, reason } of session.tried) io.note(`not on ${device}: ${reason}`);
        if (session.fallback) io.note(`${session.provider} has no kernel for some nodes: these run on the processor`);
        try {
          if (args.input.length) await runTensors(session, args, io);
          else exit(await runImages(model, session, images, labels, { ...args, batch }, io));
        } finally {
          await session.close();
        }
      });
  },
};
