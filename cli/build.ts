import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { Architecture } from "../models/architecture.js";
import { type Backbone, backbones } from "../models/index.js";
import { type BuildOptions, type BuiltModel, buildModel } from "../src/build.js";
import { constantBytes } from "../src/export/external.js";
import { writeTransformersFolder } from "../src/export/node/write-folder.js";
import { type WrittenModel, writeModel } from "../src/export/node/write-model.js";
import { choose, UserError } from "../src/graph/error.js";
import { targets } from "../src/graph/targets.js";
import { type BuildArguments, defineBuild } from "./build-options.js";
import { report, summary } from "./build-report.js";
import { type BuildWeights, openBuildWeights } from "./build-weights.js";
import type { Command, Io } from "./command.js";
import { readLabels } from "./labels.js";
import { asksForSe, blockTakes, sePlan } from "./se-plan.js";

export const build: Command = {
  define(program, io) {
    defineBuild(program).action((args: BuildArguments) => runBuild(args, io));
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
  requireWeights(args);
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
    await requireOther(file, weights?.paths ?? []);
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

/** Options that say something of a checkpoint have one. */
function requireWeights({ weights, zoo, hash, strict = true, labelOffset }: BuildArguments): void {
  if (weights) return;
  const given = [zoo && "--zoo", hash && "--hash", !strict && "--no-strict", labelOffset && "--label-offset"].find(
    Boolean,
  );
  if (given) throw new UserError(`${given} is about weights: give them with --weights, or leave it out`);
}

/** A model does not take the place of the weights that it is made of. */
async function requireOther(file: string, weights: readonly string[]): Promise<void> {
  const real = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
  const target = await real(file);
  for (const path of weights)
    if ((await real(path)) === target)
      throw new UserError(
        `'${file}' holds the weights, which the model would replace: name another file with --output`,
      );
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
