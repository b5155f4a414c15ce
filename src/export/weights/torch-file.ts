import type { DType } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import type { Ranged } from "../../graph/tensor.js";

/** What any container of PyTorch's holds. */
export interface TorchFile {
  /** What was saved; its tensors are TorchTensors. */
  readonly root: unknown;
  /** The bytes of the storage with this key, which has elements of this type. */
  open(key: string, dtype: DType): Promise<Ranged>;
}

/** Names of storages and tensors in one file: no checkpoint has as many. */
const MOST = 65_536;

/** Throws where a file has more storages or tensors than any checkpoint. */
export function requireFew(count: unknown, what: string, name: string): void {
  if (!(Number(count) <= MOST)) throw new UserError(`${name} has ${count} ${what}, and ${MOST} are the most`);
}
