import type { DType } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";
import { isLength, MOST } from "./limits.js";
import { kindOf } from "./pickle-machine.js";

/** What any container of PyTorch's holds. */
export interface TorchFile {
  /** What was saved; its tensors are TorchTensors. */
  readonly root: unknown;
  /** The bytes of the storage with this key, which has elements of this type. */
  open(key: string, dtype: DType): Promise<Ranged>;
}

/** `count` as a number. Throws where it is none, or where a file has more storages or tensors than any checkpoint. */
export function requireFew(count: unknown, what: string, name: string): number {
  if (isLength(count) && count <= MOST) return count;
  throw new UserError(`${name} has ${kindOf(count)} for its number of ${what}, which is ${MOST} at most`);
}
