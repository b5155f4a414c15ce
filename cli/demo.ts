import { readModel } from "../src/export/node/read-model.js";
import { check } from "../src/graph/check.js";
import { gates } from "../src/infer/node/observe.js";
import { open } from "../src/infer/node/open.js";
import { buildFile } from "./build.js";
import type { BuildArguments } from "./build-options.js";
import { report } from "./build-report.js";
import type { Command } from "./command.js";
import { table } from "./format.js";
import { reportImage } from "./run-result.js";

const BUILD: BuildArguments = {
  backbone: "resnet50",
  r: 16,
  se: true,
  seed: 0,
  batch: "dynamic",
  opset: 18,
  fold: true,
};

export const demo: Command = {
  define(program, io) {
    program
      .command("demo <image>")
      .description("Build SE-ResNet-50 with random weights, check it, run it on a picture and show what its gates do")
      .addHelpText("after", "\nExample:\n  $ se-onnx demo photo.jpg")
      .action(async (image: string) => {
        const result = await buildFile(BUILD, io);
        io.out(report(BUILD, result));

        const { graph, close } = await readModel(result.file);
        await close();
        const problems = check(graph);
        io.out(
          problems.length ? problems.join("\n") : `\nchecked: the file is valid ONNX (${graph.nodes.length} nodes)`,
        );

        const opening = performance.now();
        const model = await open(result.file, { optimize: "again" });
        const opened = performance.now();
        try {
          const { predictions, ms } = await model.classify(image);
          io.out(
            `\nopened in ${((opened - opening) / 1000).toFixed(2)} s on ${model.provider}; top 5 with random weights, which mean nothing:`,
          );
          io.out(reportImage({ file: image, predictions, ms }));
        } finally {
          await model.close();
        }
        const rows = (await gates(result.file, [image])).blocks.map((g) => [
          g.name,
          `${g.channels}`,
          ...[g.mean, g.std, g.min, g.max].map((v) => v.toFixed(3)),
        ]);
        io.out(`\nSE gates\n${table([["block", "channels", "mean", "std", "min", "max"], ...rows])}`);
      });
  },
};
