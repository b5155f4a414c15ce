import { Option } from "commander";
import type { Architecture } from "../models/architecture.js";
import { type Backbone, backbones } from "../models/index.js";
import { type BuildOptions, type BuiltModel, buildModel } from "../src/build.js";
import { constantBytes } from "../src/export/external.js";
import { writeTransformersFolder } from "../src/export/node/write-folder.js";
import { type WrittenModel, writeModel } from "../src/export/node/write-model.js";
import { OPSETS } from "../src/export/versions.js";
import { choose, UserError } from "../src/graph/error.js";
import { targets } from "../src/graph/targets.js";
import { report, summary } from "./build-report.js";
import { type BuildWeights, openBuildWeights } from "./build-weights.js";
import type { Command, Io } from "./command.js";
import { readLabels } from "./labels.js";
import { whole } from "./options.js";
import { asksForSe, blockTakes, defineSeOptions, type SeArguments, sePlan } from "./se-plan.js";

/** As commander hands them over. */
export interface BuildArguments extends SeArguments {
  /** That of the weights unless given. */
  readonly backbone?: string;
  readonly weights?: string;
  readonly zoo?: string;
  readonly hash?: boolean;
  /** True unless given. */
  readonly strict?: boolean;
  readonly labelOffset?: number;
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
  readonly normalize?: boolean;
  readonly inputType?: "float32" | "uint8";
  readonly softmax?: boolean;
  readonly target?: string;
  readonly labels?: string;
  readonly externalData?: boolean;
  readonly dryRun?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ se-onnx build --backbone resnet50 --r 16
  $ se-onnx build --weights timm/seresnet50.ra2_in1k
  $ se-onnx build --weights se_resnet50-ce0d4300.pth --classes 10 -o start.onnx
  $ se-onnx build --weights torchvision/resnet50.v1 --r 16
  $ se-onnx build --backbone resnet50 --r 16 --target ort-cpu --batch 1
  $ se-onnx build --backbone vgg16_bn --se-where last --squeeze max
  $ se-onnx build --backbone resnet50 --classes 0 --features layer2,layer3 --expose-gates
  $ se-onnx build --backbone resnet50 --input-type uint8 --softmax
  $ se-onnx build --backbone mobilenet_v3_small --dtype fp16 --io-names hf -o mobilenet_v3_small/
  $ se-onnx build --backbone resnet18 --no-se --classes 10 --input-size 64 --json`;

export const build: Command = {
  define(program, io) {
    const command = program
      .command("build")
      .description("Build a network with Squeeze-and-Excitation, check it and write it as .onnx")
      .option("--backbone <name>", "network to build (see: se-onnx list); weights tell their own");
    defineSeOptions(command)
      .option(
        "--weights <source>",
        "a name (see: se-onnx list --weights), hf:owner/name[@revision][/file], a URL, or a file or folder: .safetensors, .pth, .npz, .onnx (default: seeded random weights)",
      )
      .option("--zoo <name>", "whose spelling of keys the weights have (default: told by the keys)")
      .option(
        "--hash",
        "keep the SHA-256 of a file of weights in the model (that of a fetched one is kept in any case)",
      )
      .option("--no-strict", "go on where weights are missing, misshapen or unexpected; what is missing is random")
      .option("--label-offset <n>", "leave out the first n classes of the weights", whole(0))
      .option("--seed <n>", "seed of random weights", whole(0), 0)
      .option("--classes <n>", "number of classes (default: the network's own); 0 ends at the embedding", whole(0))
      .option("--in-chans <n>", "channels of the input (default: 3)", whole())
      .option("--input-size <pixels>", "height and width of the input (default: the network's own)", whole())
      .option("--batch <n>", 'images at a time, or "dynamic"', (t) => (t === "dynamic" ? t : whole()(t)), "dynamic")
      .option("--features <list>", "feature maps for outputs, e.g. layer2,layer3; logits is a name too", (t) =>
        t.split(",").map((name) => name.trim()),
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
      .option("--normalize", "have the graph apply mean and std; its input takes values from 0 to 1")
      .addOption(
        new Option("--input-type <type>", "uint8: the input takes bytes [N,H,W,C], which the graph normalizes")
          .choices(["float32", "uint8"])
          .default("float32"),
      )
      .option("--softmax", 'have the graph end in a softmax; its output is called "probabilities"')
      .addOption(
        new Option("--target <name>", "what the file is to run on (default: any runtime)").choices(
          targets.map((t) => t.name),
        ),
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
  readonly backbone: string;
  /** Null: random ones. */
  readonly weights: BuildWeights | null;
  readonly built: BuiltModel;
  readonly file: string;
  /** Null after a dry run. */
  readonly written: (WrittenModel & { readonly file: string }) | null;
  readonly seconds: number;
}

/** Builds and writes what the arguments say. */
export async function buildFile(args: BuildArguments, io: Io): Promise<BuildResult> {
  const started = performance.now();
  requireOutput(args);
  const own = requireBackbone(args);
  const weights = args.weights ? await openBuildWeights(args.weights, args, io) : null;
  try {
    const { inChans, features, exposeGates = false, dtype = "fp32", ioNames = "default" } = args;
    const { normalize = false, inputType = "float32", softmax = false } = args;
    const se = weights && args.se && !asksForSe(args) ? undefined : sePlan(args);
    const labels = args.labels ? await readLabels(args.labels) : ((await weights?.labels(args)) ?? null);
    const options: BuildOptions = {
      weights: { seed: args.seed },
      ...weights?.options(args),
      ...(se === undefined ? {} : { se }),
      batch: args.batch,
      opset: args.opset,
      fold: args.fold,
      labels,
      ...(args.classes === undefined ? {} : { classes: args.classes }),
      ...(inChans === undefined ? {} : { inChans }),
      ...(args.inputSize === undefined ? {} : { inputSize: args.inputSize }),
      ...(features && { features }),
      exposeGates,
      dtype,
      ioNames,
      normalize,
      inputType,
      softmax,
      ...(args.target && args.target !== "portable" && { target: choose("target", args.target, targets) }),
    };
    const backbone = weights?.backbone ?? own;
    if (!backbone) throw new Error("a build without weights has a backbone");
    const architecture = await backbone.load();
    const built = buildModel(backbone.name, architecture, options);
    const file = args.output ?? `${weights?.fileName ?? defaultName(backbone.name, architecture, args, built)}.onnx`;
    const written = args.dryRun ? null : await write(built, file, args, io);
    for (const note of weights?.notes ?? []) io.note(note);
    const seconds = (performance.now() - started) / 1000;
    return { backbone: backbone.name, built, weights, file: written?.file ?? file, written, seconds };
  } finally {
    await weights?.close();
  }
}

/** The backbone that is asked for; null where it is that of the weights. */
function requireBackbone({ backbone, weights }: BuildArguments): Backbone | null {
  if (backbone) return choose("backbone", backbone, backbones);
  if (!weights) throw new UserError("name a network with --backbone (see: se-onnx list), or give --weights");
  return null;
}

/** "se_resnet50_r16": what was asked for beyond the network is in its name. A network with SE of its own goes by its own name unless r is given. */
function defaultName(name: string, { se: own }: Architecture, args: BuildArguments, { plan }: BuiltModel): string {
  const { r, seBlock = "se", integration, seWhere = integration, squeeze, excitation, classes, dtype, target } = args;
  const { normalize, inputType, softmax } = args;
  const se = plan && !(own && r === undefined && seBlock === "se");
  const parts = [
    se && seBlock,
    name,
    !plan && own && "no_se",
    se && blockTakes(args, "r") && `r${plan.r}`,
    ...[seWhere, squeeze, excitation],
    classes === 0 && "embedding",
    dtype === "fp16" && "fp16",
    inputType === "uint8" ? "uint8" : normalize && "normalized",
    softmax && "softmax",
    target !== "portable" && target,
  ];
  return parts.filter(Boolean).join("_");
}

/** A folder is for transformers.js alone. */
function requireOutput({ output, ioNames, externalData }: BuildArguments): void {
  if (!output?.endsWith("/")) return;
  if (ioNames !== "hf")
    throw new UserError(
      `'${output}' is a folder: name a file, or add --io-names hf to make a folder for transformers.js`,
    );
  if (externalData)
    throw new UserError(
      `'${output}' is a folder for transformers.js, whose models are whole files: leave out --external-data`,
    );
}

/** Writes a file, or, where `output` ends in a slash, a folder that transformers.js loads. */
async function write(
  { graph }: BuiltModel,
  output: string,
  { externalData = false, json }: BuildArguments,
  io: Io,
): Promise<WrittenModel & { readonly file: string }> {
  const total = constantBytes(graph);
  const bar = io.progress(`writing ${output}`);
  const options = { signal: io.signal, hash: json === true, onProgress: (n: number) => bar.update(n / total) };
  try {
    if (output.endsWith("/")) return await writeTransformersFolder(graph, output, options);
    return { ...(await writeModel(graph, output, { ...options, externalData })), file: output };
  } finally {
    bar.done();
  }
}
