import { UserError } from "../graph/error.js";
import { elements, isRanked, show } from "../graph/type.js";
import { ARRAYS } from "./host-array.js";
import type { Feeds, HostTensor, Port } from "./session.js";

/** A tensor of zeros for every input; lengths that are known only at run time are 1. */
export const zeros = (inputs: readonly Port[]): Feeds =>
  Object.fromEntries(inputs.map((input) => [input.name, zero(input)]));

function zero({ name, type }: Port): HostTensor {
  const array = type?.kind === "tensor" ? ARRAYS[type.dtype] : undefined;
  if (!isRanked(type) || !array)
    throw new UserError(`the input ${name}: ${show(type)} cannot be made up: give feeds of your own`);
  const shape = type.shape.map((d) => (typeof d === "number" ? d : 1));
  const bytes = elements(shape) * array(new ArrayBuffer(0)).BYTES_PER_ELEMENT;
  return { dtype: type.dtype, shape, data: array(new ArrayBuffer(bytes)) };
}
