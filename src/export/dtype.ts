import type { Integer } from "../graph/attribute.js";
import { DTYPES, type DType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";

/** The element type of this number; null for 0, which is UNDEFINED, and where this version does not know it. */
export const knownDtype = (number: Integer | undefined): DType | null => DTYPES[Number(number ?? 0) - 1] ?? null;

export function dtypeOf(number: Integer | undefined, what: string): DType {
  const dtype = knownDtype(number);
  if (!dtype) throw new UserError(`${what} has element type ${number ?? 0}, which this version does not know`);
  return dtype;
}
