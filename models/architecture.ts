import type { Value } from "../src/graph/graph.js";
import type { Scope } from "../src/graph/scope.js";

/** Recalibrates the channels of x, or hands it on where a stage has no SE. `stage` is the paper's: conv2_x is 2. */
export type Excite = (x: Value, s: Scope, stage: number) => Value;

/** A network as a function, and what its callers must know of it. */
export interface Architecture {
  /** x [N,C,H,W] -> logits [N,classes]. Names parameters as PyTorch's reference does. */
  readonly build: (x: Value, s: Scope, options: { readonly classes: number; readonly excite: Excite }) => Value;
  /** Pixels on each side: what the paper used, and the least with which every stage still has something to see. */
  readonly input: { readonly size: number; readonly min: number };
  /** The stages that can have SE. */
  readonly stages: readonly number[];
}
