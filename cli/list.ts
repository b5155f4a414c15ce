import { backbones } from "../models/index.js";
import { buildModel } from "../src/build.js";
import { UserError } from "../src/graph/error.js";
import type { Command } from "./command.js";
import { count, table } from "./format.js";
import { listWeights } from "./list-weights.js";
import { matches } from "./pattern.js";

interface ListOptions {
  readonly weights?: boolean;
  readonly json?: boolean;
}

export const list: Command = {
  define(program, io) {
    program
      .command("list [pattern]")
      .description("List the backbones; figures are those of a default build, with SE as published or with r = 16")
      .option("--weights", "list the published weights instead")
      .option("--json", "print a JSON array")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx list\n  $ se-onnx list 'resnext*' --json\n  $ se-onnx list --weights 'timm/se*'",
      )
      .action(async (pattern: string | undefined, { json, weights }: ListOptions) => {
        const { pretrained } = await import("../models/pretrained/index.js");
        if (weights) return io.out(listWeights(pretrained, pattern, json));
        const rows = [];
        const wanted = backbones.filter((known) => matches(known.name, pattern));
        const bar = io.progress("counting");
        for (const b of wanted) {
          bar.update(rows.length / wanted.length);
          const architecture = await b.load();
          const { parameters, seParameters, macs, plan } = buildModel(b.name, architecture);
          rows.push({
            name: b.name,
            family: b.family,
            parameters,
            seParameters,
            macs,
            seBlocks: plan?.blocks.length ?? 0,
            r: plan?.r ?? null,
            where: plan?.where ?? null,
            places: architecture.places ?? ["standard"],
            stages: architecture.stages,
            input: architecture.input.size,
            weights: pretrained.filter((p) => p.backbone === b.name).map((p) => p.name),
            paper: b.paper,
          });
        }
        bar.done();
        if (!rows.length) throw new UserError(`no backbone matches '${pattern ?? ""}': se-onnx list shows all`);
        if (json) io.out(JSON.stringify(rows, null, 2));
        else {
          const head = ["name", "parameters", "of SE", "MACs", "SE blocks", "r", "input", "places of SE"];
          io.out(
            table([
              head,
              ...rows.map((r) => [
                r.name,
                count(r.parameters),
                count(r.seParameters),
                count(r.macs),
                `${r.seBlocks}`,
                `${r.r}`,
                `${r.input}`,
                r.places.join(" "),
              ]),
            ]),
          );
        }
      });
  },
};
