import { UserError } from "../../graph/error.js";
import type { Ranged, Tensor } from "../../graph/tensor.js";
import { decode } from "../decode.js";
import type { Checkpoint } from "./checkpoint.js";
import { MAX_RANK } from "./limits.js";
import { quoted } from "./names.js";
import type { OpenSibling } from "./sharded.js";

/** Names and shapes in errors may be as long as the file. */
const LONGEST = 400;

/**
 * The constants of an .onnx file, ours or not, by the names that they have there: its initializers, and what its Constant nodes hold, except in
 * subgraphs and functions. `openSibling` opens the files of external data. Throws a UserError that names the file and what `decode` does.
 */
export async function readOnnxWeights(source: Ranged, name: string, openSibling?: OpenSibling): Promise<Checkpoint> {
  const graph = await decode(source, openSibling ? { openExternal: openSibling } : {}).catch((e: unknown) => {
    throw e instanceof UserError ? new UserError(`${name}: ${e.message.slice(0, LONGEST)}`) : e;
  });
  const tensors = new Map<string, Tensor>();
  const add = (key: string, t: Tensor): void => {
    if (t.shape.length > MAX_RANK)
      throw new UserError(`${name}: ${quoted(key)} has ${t.shape.length} axes, and ${MAX_RANK} are the most`);
    tensors.set(key, t);
  };
  for (const { name: key, constant } of graph.constants) if (constant) add(key, constant);
  for (const [value, t] of graph.defaults) add(value.name, t);
  return { name, tensors, format: "ONNX", notes: [] };
}
