import { readModel } from "../src/export/node/read-model.js";
import { check as checkGraph } from "../src/graph/check.js";
import type { Command } from "./command.js";

export const check: Command = {
  define(program, io, exit) {
    program
      .command("check <model>")
      .description("Check that an .onnx file is valid: names, order, opsets, shapes; exit code 1 where it is not")
      .option("--json", "print one JSON object")
      .addHelpText("after", "\nExample:\n  $ se-onnx check se_resnet50_r16.onnx")
      .action(async (path: string, { json }: { readonly json?: boolean }) => {
        const { graph, close } = await readModel(path);
        await close();
        const problems = checkGraph(graph);
        if (json) io.out(JSON.stringify({ valid: !problems.length, problems }, null, 2));
        else
          io.out(
            problems.length
              ? [`${path} is not valid:`, ...problems.map((p) => `  ${p}`)].join("\n")
              : `${path} is valid (${graph.nodes.length} nodes)`,
          );
        if (problems.length) exit(1);
      });
  },
};
