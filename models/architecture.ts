import type { Value } from "../src/graph/graph.js";
import type { Scope } from "../src/graph/scope.js";

/** What a backbone says of a spot where SE may stand. */
export interface Seat {
  /** One of the architecture's stages. */
  readonly stage: number;
  /** The architecture's placements in which SE stands here; all of them unless given. */
  readonly places?: readonly string[];
  /** What r divides; the channels of x unless given. */
  readonly base?: number;
  /** Applied to x before its squeeze where SE stands here, and left out where it does not. */
  readonly first?: (x: Value) => Value;
}
/** Recalibrates the channels of x, or hands it on where the plan has no SE. Where SE stands its parameters are under `s`. */
export type Excite = (x: Value, s: Scope, seat: Seat) => Value;

/** What a backbone is built with. */
export interface BuildContext {
  /** 0: end at the vector that the classifier would read. */
  readonly classes: number;
  readonly excite: Excite;
  /** Hands x on, and lets callers ask for it by `name` as an output. Names are PyTorch's module paths. */
  readonly feature: (name: string, x: Value) => Value;
}

/** The SE that an architecture was published with, where it differs from the seed's: r = 16, floor(C / r), no bias, ReLU, sigmoid. */
export interface OwnSqueezeExcite {
  readonly r?: number;
  readonly bias?: boolean;
  /** Hidden units from base / r; Math.floor unless given. */
  readonly round?: (units: number) => number;
  /** Between the two layers. */
  readonly activation?: (x: Value) => Value;
  /** Makes the gate. */
  readonly excitation?: (x: Value) => Value;
  /** The placement, where it is not the first. */
  readonly where?: string;
}

/** A network as a function, and what its callers must know of it. */
export interface Architecture {
  /** x [N,C,H,W] -> logits [N,classes], or an embedding [N,F]. Names parameters as PyTorch's reference does. */
  readonly build: (x: Value, s: Scope, context: BuildContext) => Value;
  /** Pixels on each side: what the paper used, and the least with which every stage still has something to see. */
  readonly input: { readonly size: number; readonly min: number };
  /** 1000 unless given. */
  readonly classes?: number;
  /** The stages that can have SE. */
  readonly stages: readonly number[];
  /** Placements of SE by name, the standard one first; without it there is just one. */
  readonly places?: readonly string[];
  readonly se?: OwnSqueezeExcite;
}
