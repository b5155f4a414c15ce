import { Option } from "commander";
import type { Architecture } from "../models/architecture.js";
import { backbones } from "../models/index.js";
import { type BuildOptions, type BuiltModel, buildModel } from "../src/build.js";
import { constantBytes } from "../src/export/external.js";
import { openRanged } from "../src/export/node/file.js";
import { writeTransformersFolder } from "../src/export/node/write-folder.js";
import { type WrittenModel, writeModel } from "../src/export/node/write-model.js";
import { irVersionOf, OPSETS } from "../src/export/versions.js";
import { readSafetensors } from "../src/export/weights/safetensors.js";
import { choose, UserError } from "../src/graph/error.js";
import type { Value } from "../src/graph/graph.js";
import { isRanked, show } from "../src/graph/type.js";
import type { Command, Io } from "./command.js";
import { bytes, count } from "./format.js";
import { readLabels } from "./labels.js";
import { whole } from "./options.js";
import { defineSeOptions, type SeArguments, sePlan } from "./se-plan.js";

/** As commander hands them over. */
export interface BuildArguments extends SeArguments {
  readonly backbone: string;
  readonly weights?: string;
  readonly seed: number;
  readonly classes?: number;
  readonly inChans?: number;
  readonly inputSize?: number;
  readonly batch: number | "dynamic";
  readonly opset: number;
  readonly fold: boolean;
  readonly features?: readonly string[];
  readonly exposeGates?: boolean;
  readonly dtype?: "fp32" | "fp16";
  readonly ioNames?: "default" | "hf";
  readonly labels?: string;
  readonly externalData?: boolean;
  readonly dryRun?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ se-onnx build --backbone resnet50 --r 16
  $ se-onnx build --backbone resnet50 --r 16 --weights se_resnet50.safetensors --labels imagenet -o model.onnx
  $ se-onnx build --backbone vgg16_bn --se-where last --squeeze max
  $ se-onnx build --backbone resnet50 --classes 0 --features layer2,layer3 --expose-gates
  $ se-onnx build --backbone mobilenet_v3_small --dtype fp16 --io-names hf -o mobilenet_v3_small/
  $ se-onnx build --backbone resnet18 --no-se --classes 10 --input-size 64 --json`;

export const build: Command = {
  define(program, io) {
    const command = program
      .command("build")
      .description("Build a network with Squeeze-and-Excitation, check it and write it as .onnx")
      .requiredOption("--backbone <name>", "network to build (see: se-onnx list)");
    defineSeOptions(command)
      .option("--weights <file>", "a .safetensors file with PyTorch's keys (default: seeded random weights)")
      .option("--seed <n>", "seed of random weights", whole(0), 0)
      .option("--classes <n>", "number of classes (default: the network's own); 0 ends at the embedding", whole(0))
      .option("--in-chans <n>", "channels of the input (default: 3)", whole())
      .option("--input-size <pixels>", "height and width of the input (default: the network's own)", whole())
      .option("--batch <n>", 'images at a time, or "dynamic"', (t) => (t === "dynamic" ? t : whole()(t)), "dynamic")
      .option("--features <list>", "feature maps for outputs, e.g. layer2,layer3; logits is a name too", (t) =>
        t.split(","),
      )
      .option("--expose-gates", "every gate vector as an output of its own")
      .addOption(
        new Option("--dtype <type>", "what the network computes in; inputs and outputs stay float32")
          .choices(["fp32", "fp16"])
          .default("fp32"),
      )
      .addOption(
        new Option("--io-names <style>", "names of input and output; hf: pixel_values and logits")
          .choices(["default", "hf"])
          .default("default"),
      )
      .option("--opset <n>", `ONNX opset, ${OPSETS.min} to ${OPSETS.max}`, whole(), OPSETS.default)
      .option("--no-fold", "keep BatchNormalization instead of folding it into the convolutions")
      .option("--labels <file>", 'class names to store: a file with one a line or a JSON array, or "imagenet"')
      .option("--external-data", "tensors in a file of their own (always so above 2 GB)")
      .option("--dry-run", "build, count and check, but write nothing")
      .option(
        "-o, --output <file>",
        "file to write (default: from the options, as se_resnet50_r16.onnx); with --io-names hf a folder for transformers.js if it ends in /",
      )
      .option("--json", "print one JSON object")
      .addHelpText("after", EXAMPLES)
      .action((args: BuildArguments) => runBuild(args, io));
  },
};

async function runBuild(args: BuildArguments, io: Io): Promise<void> {
  const result = await buildFile(args, io);
  if (args.json) io.out(JSON.stringify(summary(args, result), null, 2));
  else io.out(report(args, result));
}

export interface BuildResult {
  readonly built: BuiltModel;
  readonly file: string;
  /** Null after a dry run. */
  readonly written: (WrittenModel & { readonly file: string }) | null;
  readonly seconds: number;
}

/** Builds and writes what the arguments say. */
export async function buildFile(args: BuildArguments, io: Io): Promise<BuildResult> {
  const started = performance.now();
  const backbone = choose("backbone", args.backbone, backbones);
  const se = sePlan(args);
  const checkpoint = args.weights ? await openCheckpoint(args.weights) : null;
  try {
    const { classes, inChans, inputSize, features, exposeGates = false, dtype = "fp32", ioNames = "default" } = args;
    const options: BuildOptions = {
      se,
      batch: args.batch,
      opset: args.opset,
      fold: args.fold,
      labels: args.labels ? await readLabels(args.labels) : null,
      weights: checkpoint?.source ?? { seed: args.seed },
      ...(classes === undefined ? {} : { classes }),
      ...(inChans === undefined ? {} : { inChans }),
      ...(inputSize === undefined ? {} : { inputSize }),
      ...(features && { features }),
      exposeGates,
      dtype,
      ioNames,
    };
    const architecture = await backbone.load();
    const built = buildModel(backbone.name, architecture, options);
    const file =
      args.output ?? `${defaultName(backbone.name, architecture, args, built)}${dtype === "fp16" ? "_fp16" : ""}.onnx`;
    const written = args.dryRun ? null : await write(built, file, args, io);
    return { built, file: written?.file ?? file, written, seconds: (performance.now() - started) / 1000 };
  } finally {
    await checkpoint?.close();
  }
}

/** "se_resnet50_r16"; a network with SE of its own is called by its own name unless r is given. */
function defaultName(name: string, { se: own }: Architecture, { r }: BuildArguments, { plan }: BuiltModel): string {
  if (!plan) return own ? `${name}_no_se` : name;
  return own && r === undefined ? name : `se_${name}_r${plan.r}`;
}

/** Writes a file, or, where `output` ends in a slash, a folder that transformers.js loads. */
async function write(
  { graph }: BuiltModel,
  output: string,
  { externalData = false, ioNames }: BuildArguments,
  io: Io,
): Promise<WrittenModel & { readonly file: string }> {
  const isFolder = output.endsWith("/");
  if (isFolder && ioNames !== "hf")
    throw new UserError(
      `'${output}' is a folder: name a file, or add --io-names hf to make a folder for transformers.js`,
    );
  if (isFolder && externalData)
    throw new UserError(
      `'${output}' is a folder for transformers.js, whose models are whole files: leave out --external-data`,
    );
  const total = constantBytes(graph);
  const bar = io.progress(`writing ${output}`);
  const options = { signal: io.signal, onProgress: (n: number) => bar.update(n / total) };
  try {
    if (isFolder) return await writeTransformersFolder(graph, output, options);
    return { ...(await writeModel(graph, output, { ...options, externalData })), file: output };
  } finally {
    bar.done();
  }
}

async function openCheckpoint(path: string) {
  const file = await openRanged(path);
  try {
    if (!path.endsWith(".safetensors"))
      throw new UserError(`'${path}' cannot be read as weights: give a .safetensors file`);
    return { source: await readSafetensors(file, path), close: file.close };
  } catch (e) {
    await file.close();
    throw e;
  }
}

const port = (v: Value): object => ({
  name: v.name,
  ...(isRanked(v.type) ? { dtype: v.type.dtype, shape: v.type.shape } : {}),
});

function summary(args: BuildArguments, { built, file, written, seconds }: BuildResult): object {
  const { graph, se, plan } = built;
  const opset = graph.opsets.get("") ?? null;
  return {
    file: written ? file : null,
    backbone: args.backbone,
    se: plan && {
      r: plan.r,
      blocks: plan.blocks.length,
      squeeze: args.squeeze ?? "avg",
      excitation: args.excitation ?? se[0]?.excitation.toLowerCase() ?? null,
      integration: args.integration ?? "standard",
      where: plan.where,
      stages: args.seStages ?? "all",
      bias: plan.bias,
      form: args.seForm ?? "gemm",
      block: args.seBlock ?? "se",
    },
    opset,
    irVersion: irVersionOf(opset ?? 0),
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    parameters: built.parameters,
    seParameters: built.seParameters,
    macs: built.macs,
    seMacs: built.seMacs,
    dtype: args.dtype ?? "fp32",
    weights: args.weights ?? "random",
    bytes: written?.bytes ?? null,
    sha256: written?.sha256 ?? null,
    dataFile: written?.dataFile ?? null,
    seconds,
  };
}

/** "16 SE blocks, r = 16" */
function describe({ blocks, r }: NonNullable<BuiltModel["plan"]>, { seBlock = "se" }: BuildArguments): string {
  const ratio = seBlock === "effective-se" || seBlock === "eca" ? "" : `, r = ${r}`;
  return `${blocks.length} ${seBlock.startsWith("se") ? "SE" : seBlock} blocks${ratio}`;
}

/** What a person reads. */
export function report(args: BuildArguments, { built, file, written, seconds }: BuildResult): string {
  const { graph, plan } = built;
  const overhead = (part: number | null, whole: number | null): string =>
    part && whole ? ` (${count(part)} of them SE, ${((100 * part) / (whole - part)).toFixed(2)}% more)` : "";
  const weights = args.weights
    ? `weights from ${args.weights}`
    : `random weights (seed ${args.seed}): its predictions mean nothing`;
  return [
    `${args.backbone} with ${plan ? describe(plan, args) : "no SE"}, ${weights}`,
    `  input       ${graph.inputs.map((v) => `${v.name}: ${show(v.type)}`).join(", ")}`,
    `  output      ${graph.outputs.map((v) => `${v.name}: ${show(v.type)}`).join(", ")}`,
    `  parameters  ${count(built.parameters)}${overhead(built.seParameters, built.parameters)}`,
    `  MACs        ${count(built.macs)}${overhead(built.seMacs, built.macs)}`,
    written
      ? `wrote ${file}${written.dataFile ? ` and ${written.dataFile}` : ""}: ${bytes(written.bytes)} in ${seconds.toFixed(2)} s`
      : "nothing written (dry run)",
    ...(written ? [`  sha256      ${written.sha256}`] : []),
  ].join("\n");
}
