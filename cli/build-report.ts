import type { BuiltModel } from "../src/build.js";
import { readMetadata } from "../src/export/metadata.js";
import { irVersionOf } from "../src/export/versions.js";
import type { Value } from "../src/graph/graph.js";
import { isRanked, show } from "../src/graph/type.js";
import type { BuildResult } from "./build.js";
import type { BuildArguments } from "./build-options.js";
import { bytes, count } from "./format.js";
import { loadLines, loadSummary } from "./load-report.js";
import { imageLine, originLine } from "./model-lines.js";
import { blockTakes, INTEGRATIONS } from "./se-plan.js";

type Plan = NonNullable<BuiltModel["plan"]>;

const port = (v: Value): object => ({
  name: v.name,
  ...(isRanked(v.type) ? { dtype: v.type.dtype, shape: v.type.shape } : {}),
});

/** Null stands for what the block has no choice in. */
function seSummary(args: BuildArguments, plan: Plan, found: BuiltModel["se"]): object {
  const { seBlock: block = "se", seForm: form = "gemm", squeeze = "avg" } = args;
  return {
    block,
    blocks: plan.blocks.length,
    r: blockTakes(args, "r") ? plan.r : null,
    squeeze: blockTakes(args, "squeeze") ? squeeze : null,
    excitation: blockTakes(args, "excitation") ? (args.excitation ?? found[0]?.excitation.toLowerCase() ?? null) : null,
    integration: INTEGRATIONS.find((name) => name === plan.where) ?? "standard",
    where: plan.where,
    stages: args.seStages ?? "all",
    bias: blockTakes(args, "bias") ? plan.bias : null,
    form: block === "se" ? form : null,
  };
}

/** What a script reads. */
export function summary(
  args: BuildArguments,
  { backbone, weights, built, file, written, seconds }: BuildResult,
): object {
  const { graph, se, plan } = built;
  const opset = graph.opsets.get("") ?? null;
  return {
    file: written ? file : null,
    backbone,
    se: plan && seSummary(args, plan, se),
    opset,
    irVersion: irVersionOf(opset ?? 0),
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    parameters: built.parameters,
    seParameters: built.seParameters,
    macs: built.macs,
    seMacs: built.seMacs,
    dtype: args.dtype ?? "fp32",
    normalize: Boolean(readMetadata(graph).normalization),
    softmax: Boolean(args.softmax),
    target: args.target ?? "portable",
    weights: weights ? { ...weights.origin, ...loadSummary(built.loaded) } : { source: "random", seed: args.seed },
    bytes: written?.bytes ?? null,
    sha256: written?.sha256 ?? null,
    dataFile: written?.dataFile ?? null,
    seconds,
  };
}

/** "16 SE blocks, r = 16" */
function describe({ blocks, r }: Plan, args: BuildArguments): string {
  const { seBlock = "se" } = args;
  return `${blocks.length} ${seBlock === "se" ? "SE" : seBlock} blocks${blockTakes(args, "r") ? `, r = ${r}` : ""}`;
}

/** "ort-cpu: gate-to-conv 16, hoist-squeeze 16", and where its layout was declined, why. */
function targetLine(target: string, rewritten: BuiltModel["rewritten"]): string {
  const applied = rewritten.filter((p) => p.applied).map((p) => `${p.name} ${p.applied}`);
  const declined = rewritten.find((p) => p.name === "block-layout")?.skipped[0];
  return `${target}: ${applied.join(", ") || "nothing to rewrite"}${declined ? `; block-layout declined: ${declined.reason}` : ""}`;
}

/** What a person reads. */
export function report(
  args: BuildArguments,
  { backbone, weights: source, built, file, written, seconds }: BuildResult,
): string {
  const { graph, plan, loaded, rewritten } = built;
  const overhead = (part: number | null, whole: number | null): string =>
    part && whole ? ` (${count(part)} of them SE, ${((100 * part) / (whole - part)).toFixed(2)}% more)` : "";
  const weights = args.weights
    ? `weights from ${args.weights}`
    : `random weights (seed ${args.seed}): its predictions mean nothing`;
  const plain = loaded && !plan && args.se ? ["it has no SE: --r 16 adds SE that starts as identity"] : [];
  const images = imageLine(graph);
  const worthTelling = source !== null || readMetadata(graph).normalization;
  const unknown = source?.preprocessingKnown === false ? " (not known, so torchvision's for ImageNet)" : "";
  return [
    `${backbone} with ${plan ? describe(plan, args) : "no SE"}, ${weights}`,
    `  input       ${graph.inputs.map((v) => `${v.name}: ${show(v.type)}`).join(", ")}`,
    `  output      ${graph.outputs.map((v) => `${v.name}: ${show(v.type)}`).join(", ")}`,
    `  parameters  ${count(built.parameters)}${overhead(built.seParameters, built.parameters)}`,
    `  MACs        ${count(built.macs)}${overhead(built.seMacs, built.macs)}`,
    ...(args.target && rewritten.length ? [`  target      ${targetLine(args.target, rewritten)}`] : []),
    ...(loaded ? [...loadLines(loaded), ...plain].map((line, i) => `  ${i ? "       " : "weights"}     ${line}`) : []),
    ...(source && "url" in source.origin ? [`  source      ${originLine(source.origin)}`] : []),
    ...(images && worthTelling ? [`  images      ${images}${unknown}`] : []),
    written
      ? `wrote ${file}${written.dataFile ? ` and ${written.dataFile}` : ""}: ${bytes(written.bytes)} in ${seconds.toFixed(2)} s`
      : "nothing written (dry run)",
  ].join("\n");
}
