import { fromHalf } from "../graph/cast.js";
import { UserError } from "../graph/error.js";
import type { HostTensor } from "./session.js";

/** A tensor's numbers; those of a float16 network come as bits. `what` is what the error calls it. */
export function floatsOf({ dtype, data }: HostTensor, what: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (dtype === "float16" && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  throw new UserError(`${what} is ${dtype}, but only float32 and float16 are read`);
}
