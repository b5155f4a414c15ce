import { Option, type Command as Program } from "commander";
import { blocks, excitations, squeezes } from "../models/attention/index.js";
import { toMultipleOf } from "../models/divisible.js";
import type { SePlan } from "../models/plan.js";
import { squeezeExciteConv } from "../models/se-block.js";
import { choose, UserError } from "../src/graph/error.js";
import { whole, wholes } from "./options.js";

/** The options of `build` that say which SE blocks it makes, as commander hands them over. */
export interface SeArguments {
  readonly se: boolean;
  readonly r?: number;
  readonly rdDivisor?: number;
  readonly squeeze?: string;
  readonly excitation?: string;
  readonly integration?: string;
  readonly seWhere?: string;
  readonly seStages?: readonly number[];
  readonly seBias?: boolean;
  readonly seForm?: "gemm" | "conv";
  readonly seBlock?: string;
}

/** Places around a residual unit, by the paper's names. */
export const INTEGRATIONS = ["standard", "pre", "post", "identity", "3x3"] as const;
const names = (known: readonly { readonly name: string }[]): string[] => known.map((k) => k.name);

export function defineSeOptions(command: Program): Program {
  return command
    .option(
      "--r <n>",
      "reduction ratio: hidden units = floor(channels / r), or as the family rounds (default: the family's own, or 16)",
      whole(),
    )
    .option("--rd-divisor <n>", "round hidden units to a multiple of n, as timm does with 8", whole())
    .option("--no-se", "the plain backbone")
    .option("--se-bias", "biases in the SE layers (default: where the family has them)")
    .option("--se-stages <list>", "stages with SE, by the paper's numbers, e.g. 2,3,4 (default: all)", wholes)
    .option("--se-where <name>", "placement of SE by name (default: the usual one; se-onnx list --json shows all)")
    .addOption(
      new Option("--integration <name>", "placement around a residual unit, by the paper's names").choices(
        INTEGRATIONS,
      ),
    )
    .addOption(
      new Option("--squeeze <name>", "how a channel becomes one number (default: avg)").choices(names(squeezes)),
    )
    .addOption(
      new Option("--excitation <name>", "what makes the gate (default: the family's own, or sigmoid)").choices(
        names(excitations),
      ),
    )
    .addOption(
      new Option("--se-form <form>", "SE layers as matrix products or as 1x1 convolutions (default: gemm)").choices([
        "gemm",
        "conv",
      ]),
    )
    .option("--se-block <name>", `SE or one of its relatives: ${names(blocks).join(", ")} (default: se)`);
}

/** Whether the block that is asked for has a choice in `entry` of a plan. */
export const blockTakes = ({ seBlock = "se" }: SeArguments, entry: keyof SePlan): boolean =>
  choose("SE block", seBlock, blocks).takes.includes(entry);

/** Whether an option says something of SE. */
export const asksForSe = (args: SeArguments): boolean => FLAGS.some(([key]) => args[key] !== undefined);

/** The plan that the options ask for; null for --no-se. Throws a UserError where they contradict each other. */
export function sePlan(args: SeArguments): SePlan | null {
  const { r, seBias: bias, seStages: stages, integration, seWhere, seForm } = args;
  if (!args.se) {
    const flag = FLAGS.find(([key]) => args[key] !== undefined)?.[1];
    if (flag) throw new UserError(`${flag} and --no-se contradict each other: leave one of them out`);
    return null;
  }
  if (integration && seWhere && integration !== seWhere)
    throw new UserError(
      `--integration ${integration} and --se-where ${seWhere} contradict each other: give one of them`,
    );
  const squeeze = args.squeeze ? choose("squeeze", args.squeeze, squeezes).squeeze : undefined;
  const excitation = args.excitation ? choose("excitation", args.excitation, excitations).excitation : undefined;
  const { name, block, takes } = choose("SE block", args.seBlock ?? "se", blocks);
  const round = args.rdDivisor ? toMultipleOf(args.rdDivisor) : undefined;
  const plan: SePlan = { r, round, bias, squeeze, excitation };
  const unused = FLAGS.find(([, , key]) => key && plan[key] !== undefined && !takes.includes(key));
  if (unused) throw new UserError(`${unused[1]} means nothing to ${name}: leave it out, or choose another --se-block`);
  if (seForm && name !== "se")
    throw new UserError(`--se-form ${seForm} is for the block se, not for ${name}: leave one of them out`);
  return { ...plan, block: seForm === "conv" ? squeezeExciteConv : block, stages, where: seWhere ?? integration };
}

/** Options as commander names them, as people write them, and the entry of a plan that a block may not take. */
const FLAGS: readonly (readonly [key: keyof SeArguments, flag: string, entry?: keyof SePlan])[] = [
  ["r", "--r", "r"],
  ["rdDivisor", "--rd-divisor", "round"],
  ["seBias", "--se-bias", "bias"],
  ["squeeze", "--squeeze", "squeeze"],
  ["excitation", "--excitation", "excitation"],
  ["seStages", "--se-stages"],
  ["seWhere", "--se-where"],
  ["integration", "--integration"],
  ["seForm", "--se-form"],
  ["seBlock", "--se-block"],
];
