import type { Ranged, Tensor } from "../../graph/tensor.js";
import { decode } from "../decode.js";
import type { Checkpoint } from "./checkpoint.js";
import type { OpenSibling } from "./sharded.js";

/**
 * The constants of an .onnx file, ours or not, by the names that they have there: its initializers, and what its Constant nodes hold, except in
 * subgraphs and functions. `openSibling` opens the files of external data. Throws a UserError as `decode` does.
 */
export async function readOnnxWeights(source: Ranged, name: string, openSibling?: OpenSibling): Promise<Checkpoint> {
  const graph = await decode(source, openSibling ? { openExternal: openSibling } : {});
  const tensors = new Map<string, Tensor>();
  for (const { name: key, constant } of graph.constants) if (constant) tensors.set(key, constant);
  for (const [value, t] of graph.defaults) tensors.set(value.name, t);
  return { name, tensors, format: "ONNX", notes: [] };
}
