import type { Call } from "../shapes/call.js";
import type { Tensor } from "../tensor.js";
import type { ConcreteType } from "../type.js";

/** A node all of whose inputs are constants with their bytes at hand. */
export interface Computation {
  readonly call: Call;
  readonly inputs: readonly (Tensor | null)[];
  /** What shape inference says of the first output. */
  readonly type: ConcreteType;
}
/** The first output, as a runtime computes it to the last bit; null where this kernel does not do so. */
export type Kernel = (computation: Computation) => Tensor | null;
