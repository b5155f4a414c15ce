import { Graph, GraphError, type Value } from "../src/graph/graph.js";
import type { Parameter } from "../src/graph/parameter.js";
import { Scope } from "../src/graph/scope.js";
import { f32 } from "../src/graph/type.js";
import type { Architecture } from "./architecture.js";
import { type Recalibrated, recalibrate, type SePlan } from "./plan.js";

export interface NetworkOptions {
  /** Null: the plain backbone. SE everywhere, as published or with r = 16, unless given. */
  readonly se?: SePlan | null;
  /** 0: no classifier, an embedding for an output. */
  readonly classes?: number;
  readonly inChans?: number;
  /** Pixels on each side. */
  readonly inputSize?: number;
  /** Images at a time; "dynamic" leaves it to each run. */
  readonly batch?: number | "dynamic";
  readonly opset?: number;
  /** Feature maps for outputs in place of the logits, by PyTorch's module paths; "logits" and "embedding" are names too. */
  readonly features?: readonly string[];
}
/** A graph and the parameters it waits for. */
export interface Network extends Required<Pick<NetworkOptions, "classes" | "inChans" | "inputSize">> {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  /** Null: a plain network. */
  readonly se: Recalibrated | null;
}

export const DEFAULT_OPSET = 18;

/** The graph of an architecture: input "input" [N,inChans,size,size], output "logits" [N,classes] unless features are asked for. No weight is read. */
export function buildNetwork(name: string, architecture: Architecture, options: NetworkOptions = {}): Network {
  const {
    se = {},
    classes = architecture.classes ?? 1000,
    inChans = 3,
    inputSize = architecture.input.size,
    batch = "dynamic",
    opset = DEFAULT_OPSET,
  } = options;
  if (classes !== 0) requireCount("classes", classes);
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
  const features = new Map<string, Value>();
  const feature = (path: string, x: Value): Value => {
    features.set(path, x);
    return x;
  };
  const recalibrated = se && recalibrate(name, architecture, se);
  const last = architecture.build(image, scope, { classes, feature, excite: recalibrated?.excite ?? ((x) => x) });
  features.set(classes ? "logits" : "embedding", last);

  const repeated = options.features?.find((path, i, all) => all.indexOf(path) < i);
  if (repeated) throw new GraphError(`the feature '${repeated}' is asked for twice: name each output once`);
  for (const path of options.features ?? [...features.keys()].slice(-1)) {
    const value = features.get(path);
    if (!value)
      throw new GraphError(`${name} has no feature '${path}': choose from ${[...features.keys()].join(", ")}`);
    graph.output(value, path);
  }
  return { graph, parameters: scope.parameters, se: recalibrated, classes, inChans, inputSize };
}

/** No network has more classes, channels or pixels on a side; beyond it numbers stop being exact. */
const MOST = 2 ** 20;

function requireCount(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new GraphError(`${what} must be a whole number from 1 up, but is ${value}`);
  if (value > MOST) throw new GraphError(`${what} can be at most ${MOST}, but is ${value}`);
}
