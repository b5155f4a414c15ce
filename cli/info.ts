import { readMetadata } from "../src/export/metadata.js";
import { readModel } from "../src/export/node/read-model.js";
import { countOps, countParameters } from "../src/graph/count.js";
import type { Graph } from "../src/graph/graph.js";
import { inferShapes } from "../src/graph/infer-shapes.js";
import { macs } from "../src/graph/macs.js";
import { runPass } from "../src/graph/pass.js";
import { inlineFunctions } from "../src/graph/passes/inline-functions.js";
import { findSqueezeExcite, type SqueezeExcite } from "../src/graph/squeeze-excite.js";
import { text } from "../src/graph/text.js";
import { show } from "../src/graph/type.js";
import type { Command } from "./command.js";
import { count, table } from "./format.js";
import { imageLine, originLine } from "./model-lines.js";

export const info: Command = {
  define(program, io) {
    program
      .command("info <model>")
      .description("Show what is in an .onnx file, ours or not")
      .option("--json", "print one JSON object")
      .option("--text", "print the whole graph, one line a node")
      .addHelpText("after", "\nExamples:\n  $ se-onnx info se_resnet50_r16.onnx\n  $ se-onnx info theirs.onnx --json")
      .action(async (path: string, options: { readonly json?: boolean; readonly text?: boolean }) => {
        const { graph, close } = await readModel(path);
        await close();
        if (options.text) io.out(text(graph).trimEnd());
        else if (options.json) io.out(JSON.stringify(describe(graph), null, 2));
        else io.out(report(graph));
      });
  },
};

function describe(graph: Graph) {
  inferShapes(graph); // other makers' files seldom say them, and MACs follow from them
  return {
    opset: graph.opsets.get("") ?? null,
    opsets: Object.fromEntries(graph.opsets),
    irVersion: graph.model.irVersion,
    producer: `${graph.model.producerName} ${graph.model.producerVersion}`.trim(),
    inputs: graph.inputs.map((v) => ({ name: v.name, type: show(v.type) })),
    outputs: graph.outputs.map((v) => ({ name: v.name, type: show(v.type) })),
    parameters: readMetadata(graph).parameters ?? countParameters(graph),
    macs: macs(graph),
    ops: Object.fromEntries(countOps(graph)),
    se: squeezeExcites(graph).map(({ name, channels, hidden, squeeze, excitation, bias, form }) => ({
      name,
      channels,
      hidden,
      r: channels / hidden,
      squeeze,
      excitation,
      bias,
      form,
    })),
    metadata: Object.fromEntries(graph.metadata),
  };
}

/** Those in functions are found where these are called. */
function squeezeExcites(graph: Graph): readonly SqueezeExcite[] {
  runPass(inlineFunctions, graph);
  return findSqueezeExcite(graph);
}

function report(graph: Graph): string {
  const d = describe(graph);
  const { weights: origin } = readMetadata(graph);
  const images = imageLine(graph);
  const blocks = d.se.map((b) => [
    `  ${b.name}`,
    count(b.channels),
    count(b.hidden),
    `r = ${+b.r.toFixed(2)}`,
    b.excitation,
    b.form,
  ]);
  return [
    `graph       ${graph.name || "(no name)"}, IR ${d.irVersion}, opset ${Object.entries(d.opsets)
      .map(([domain, v]) => (domain ? `${domain} ${v}` : v))
      .join(", ")}, by ${d.producer || "unknown"}`,
    ...d.inputs.map((v) => `input       ${v.name}: ${v.type}`),
    ...d.outputs.map((v) => `output      ${v.name}: ${v.type}`),
    ...(images ? [`images      ${images}`] : []),
    ...(origin ? [`weights     ${originLine(origin)}`] : []),
    `parameters  ${count(d.parameters)}`,
    `MACs        ${count(d.macs)}`,
    `operators   ${Object.entries(d.ops)
      .sort((a, b) => b[1] - a[1])
      .map(([op, n]) => `${op} ${n}`)
      .join(", ")}`,
    `SE blocks   ${d.se.length}${d.se.length ? " (name, channels, hidden, r, gate, form)" : ""}`,
    ...(blocks.length ? [table(blocks)] : []),
  ].join("\n");
}
