import { blocks, excitations, squeezes } from "../../models/attention/index.js";
import { backbones } from "../../models/index.js";
import type { SePlan } from "../../models/plan.js";
import { type BuiltModel, buildModel } from "../../src/build.js";
import { choose } from "../../src/graph/error.js";
import type { Progress } from "./answer.js";
import { fileOf } from "./file-of.js";
import { type ModelFacts, modelFacts } from "./model-facts.js";

/** A network to build, as the form has it. */
export interface NetworkSpec {
  readonly backbone: string;
  /** Pixels on each side. */
  readonly inputSize: number;
  /** Of the random weights. */
  readonly seed: number;
  /** Null: without. */
  readonly se: SeSpec | null;
}
/** Null stands for what the backbone was published with, or what the paper has. */
export interface SeSpec {
  readonly block: string;
  readonly r: number;
  readonly squeeze: string | null;
  readonly excitation: string | null;
  readonly bias: boolean;
  readonly place: string;
  readonly stages: readonly number[];
}

/** What the network comes to; no weight is made. */
export async function plan(spec: NetworkSpec): Promise<ModelFacts> {
  const built = await build(spec);
  return { ...modelFacts(built.graph), ...countsOf(built) };
}

/** The network as an .onnx file. */
export async function buildFile(spec: NetworkSpec, progress: Progress): Promise<Blob> {
  const { graph } = await build(spec);
  return fileOf(graph, progress);
}

async function build({ backbone, inputSize, seed, se }: NetworkSpec): Promise<BuiltModel> {
  const { name, load } = choose("backbone", backbone, backbones);
  return buildModel(name, await load(), { inputSize, weights: { seed }, se: se && planOf(se) });
}

/** The entries that the block has a choice in. */
function planOf({ block: name, r, squeeze, excitation, bias, place, stages }: SeSpec): SePlan {
  const { block, takes } = choose("SE block", name, blocks);
  return {
    block,
    stages,
    where: place,
    ...(takes.includes("r") && { r }),
    ...(takes.includes("bias") && { bias }),
    ...(squeeze && takes.includes("squeeze") && { squeeze: choose("squeeze", squeeze, squeezes).squeeze }),
    ...(excitation &&
      takes.includes("excitation") && { excitation: choose("excitation", excitation, excitations).excitation }),
  };
}

/** Those of the architecture, before BatchNormalization was folded. */
export const countsOf = ({ parameters, seParameters, macs, seMacs, plan: se }: BuiltModel): Partial<ModelFacts> => ({
  ...{ parameters, seParameters, macs, seMacs },
  seBlocks: se?.blocks.length ?? 0,
});
