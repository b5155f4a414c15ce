import { Graph, GraphError, type Value } from "../src/graph/graph.js";
import type { Parameter } from "../src/graph/parameter.js";
import { Scope } from "../src/graph/scope.js";
import { f32 } from "../src/graph/type.js";
import type { Architecture, Excite } from "./architecture.js";
import { squeezeExcite, squeezeExciteConv } from "./se-block.js";

/** Where SE blocks go and of what kind they are. */
export interface SePlan {
  /** The paper's reduction ratio; 16 unless given. */
  readonly r?: number;
  /** Biases in both layers; none unless given. */
  readonly bias?: boolean;
  /** Layers as matrix products, the default, or as 1x1 convolutions: the same numbers. */
  readonly form?: "gemm" | "conv";
  /** The paper's stage numbers; all that the architecture has unless given. */
  readonly stages?: readonly number[] | undefined;
}
export interface NetworkOptions {
  /** Null: the plain backbone. SE everywhere, r = 16, unless given. */
  readonly se?: SePlan | null;
  readonly classes?: number;
  readonly inChans?: number;
  /** Pixels on each side. */
  readonly inputSize?: number;
  /** Images at a time; "dynamic" leaves it to each run. */
  readonly batch?: number | "dynamic";
  readonly opset?: number;
}
/** A graph and the parameters it waits for. */
export interface Network {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
}

export const DEFAULT_SE = { r: 16, bias: false, form: "gemm" } as const satisfies SePlan;

/** The graph of an architecture: input "input" [N,inChans,size,size], output "logits" [N,classes]. No weight is read. */
export function buildNetwork(name: string, architecture: Architecture, options: NetworkOptions = {}): Network {
  const {
    se = DEFAULT_SE,
    classes = 1000,
    inChans = 3,
    inputSize = architecture.input.size,
    batch = "dynamic",
    opset = 18,
  } = options;
  requireCount("classes", classes);
  requireCount("in-chans", inChans);
  requireCount("input-size", inputSize);
  if (batch !== "dynamic") requireCount("batch", batch);
  if (inputSize < architecture.input.min)
    throw new GraphError(
      `an input of ${inputSize}x${inputSize} is too small for ${name}, which needs at least ${architecture.input.min}x${architecture.input.min}`,
    );
  const graph = new Graph(name, { opset });
  const image = graph.input("input", f32(batch === "dynamic" ? "N" : batch, inChans, inputSize, inputSize));
  const scope = new Scope(graph);
  graph.output(architecture.build(image, scope, { classes, excite: exciteBy(name, architecture, se) }), "logits");
  return { graph, parameters: scope.parameters };
}

function exciteBy(name: string, { stages }: Architecture, plan: SePlan | null): Excite {
  if (!plan) return (x) => x;
  const { form, stages: chosen = stages, ...options } = { ...DEFAULT_SE, ...plan };
  const absent = chosen.find((stage) => !stages.includes(stage));
  if (absent !== undefined) throw new GraphError(`${name} has no stage ${absent}: its stages are ${stages.join(", ")}`);
  const block = form === "conv" ? squeezeExciteConv : squeezeExcite;
  return (x: Value, s: Scope, stage: number) => (chosen.includes(stage) ? block(x, s, options) : x);
}

function requireCount(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new GraphError(`${what} must be a whole number from 1 up, but is ${value}`);
}
