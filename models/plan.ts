import { GraphError, type Value } from "../src/graph/graph.js";
import type { Architecture, Excite } from "./architecture.js";
import { type Recalibration, type SqueezeExciteOptions, squeezeExcite } from "./se-block.js";

/** Where SE blocks go and of what kind they are. */
export interface SePlan extends Pick<SqueezeExciteOptions, "squeeze" | "excitation" | "round"> {
  /** The paper's reduction ratio; the family's own, or else 16, unless given. */
  readonly r?: number | undefined;
  /** Biases in both layers; the family's own, or else none, unless given. */
  readonly bias?: boolean | undefined;
  /** `squeezeExcite` unless given. */
  readonly block?: Recalibration | undefined;
  /** By the paper's numbers where it has them (conv2_x is 2); all that the architecture has unless given. */
  readonly stages?: readonly number[] | undefined;
  /** One of the architecture's placements; the family's own, or else the first, unless given. "standard" is the first. */
  readonly where?: string | undefined;
}
/** A plan that an architecture takes. */
export interface Recalibrated {
  readonly r: number;
  readonly bias: boolean;
  readonly where: string;
  readonly excite: Excite;
  /** Each block with its gate, as far as the network has been built. */
  readonly blocks: readonly { readonly path: string; readonly gate: Value }[];
}

/** The function that puts SE where `plan` wants it. Throws a GraphError where the architecture has no such place. */
export function recalibrate(name: string, architecture: Architecture, plan: SePlan): Recalibrated {
  const own = architecture.se ?? {};
  const { r = own.r ?? 16, bias = own.bias ?? false, block = squeezeExcite } = plan;
  const { stages = architecture.stages } = plan;
  const where = placeOf(name, architecture, plan.where ?? own.where);
  const absent = stages.find((stage) => !architecture.stages.includes(stage));
  if (absent !== undefined)
    throw new GraphError(`${name} has no stage ${absent}: its stages are ${architecture.stages.join(", ")}`);
  const options: SqueezeExciteOptions = {
    r,
    bias,
    round: plan.round ?? own.round,
    squeeze: plan.squeeze,
    activation: own.activation,
    excitation: plan.excitation ?? own.excitation,
  };
  const blocks: { path: string; gate: Value }[] = [];
  const excite: Excite = (x, s, { stage, places = [where], base, first = (y) => y }) =>
    stages.includes(stage) && places.includes(where)
      ? block(first(x), s, { ...options, base, onGate: (gate) => blocks.push({ path: s.path, gate }) })
      : x;
  return { r, bias, where, excite, blocks };
}

function placeOf(name: string, { places = ["standard"] }: Architecture, where = "standard"): string {
  const [usual = where] = places;
  if (where === "standard") return usual;
  if (!places.includes(where))
    throw new GraphError(`${name} has no place '${where}' for SE: choose ${places.join(" or ")}`);
  return where;
}
