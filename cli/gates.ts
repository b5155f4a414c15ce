import { basename } from "node:path";
import { requireWritable, writeBytes } from "../src/export/node/file.js";
import { UserError } from "../src/graph/error.js";
import type { GateReport } from "../src/infer/image-gates.js";
import { gatesSvg } from "../src/infer/node/gates-svg.js";
import { gates as gatesOf } from "../src/infer/node/observe.js";
import { classImages } from "./class-images.js";
import type { Command, Io } from "./command.js";
import { count } from "./format.js";
import { gatesJson, gatesTable } from "./gates-report.js";
import { imageFiles, requireImages } from "./images.js";
import { size, threads } from "./options.js";

interface GatesArguments {
  readonly device: string;
  readonly threads?: number;
  readonly inputSize?: readonly [height: number, width: number];
  readonly output?: string;
  readonly json?: boolean;
}

export const gates: Command = {
  define(program, io, exit) {
    program
      .command("gates <model> <images...>")
      .description(
        "Show what the gate of each SE block lets through, for pictures and, where folders name classes, for each class",
      )
      .option(
        "-o, --output <file.svg>",
        "draw them as in the paper's figure 6: a panel for each block, a line for each class",
      )
      .option("--device <list>", "where to run, as for run", "cpu")
      .option("--threads <n>", "threads of the runtime (default: its own choice)", threads)
      .option("--input-size <HxW>", "size of the model's images, where it leaves that open", size)
      .option("--json", "print one JSON object, with the gate of each channel")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx gates seresnet50.onnx cat.jpg\n  $ se-onnx gates seresnet50.onnx photos/ -o gates.svg    # photos/goldfish/1.jpg is of the class goldfish",
      )
      .action(async (model: string, paths: readonly string[], { output, json, ...options }: GatesArguments) => {
        if (output !== undefined && !output.toLowerCase().endsWith(".svg"))
          throw new UserError(`--output '${output}' must end in .svg`);
        await requireImages(paths);
        if (output) await requireWritable(output);
        const report = await averaged(model, paths, options, io);
        if (output)
          await writeBytes(output, new TextEncoder().encode(await gatesSvg(report.blocks, title(model, report))));
        io.out(json ? JSON.stringify(gatesJson(report, output ?? null)) : gatesTable(report.blocks));
        noteTally(report, output, io);
        exit(report.failed ? 1 : 0);
      });
  },
};

async function averaged(
  model: string,
  paths: readonly string[],
  options: Pick<GatesArguments, "device" | "threads" | "inputSize">,
  io: Io,
): Promise<GateReport> {
  const bar = io.progress("reading gates");
  let total = 0;
  const counted = async (): Promise<void> => {
    let found = 0;
    for await (const _ of imageFiles(paths)) found++;
    total = found;
  };
  counted().catch(() => {}); // what is wrong with a folder is told where its pictures are read
  const onProgress = ({ done }: { readonly done: number }): void => bar.update(total ? done / total : 0);
  try {
    return await gatesOf(model, classImages(paths), { ...options, signal: io.signal, onProgress });
  } finally {
    bar.done();
  }
}

const title = (model: string, { images }: GateReport): string =>
  `Gates of ${basename(model)} for ${count(images)} ${images === 1 ? "picture" : "pictures"}`;

function noteTally({ images, failed, failures, device }: GateReport, output: string | undefined, io: Io): void {
  io.note(`${count(images)} of ${count(images + failed)} pictures on ${device}${output ? `; drawn in ${output}` : ""}`);
  if (!failed) return;
  io.note(`${count(failed)} could not be read:`);
  for (const failure of failures) io.note(`  ${failure}`);
  if (failed > failures.length) io.note(`  and ${count(failed - failures.length)} more`);
}
